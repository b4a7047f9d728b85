"""Graders that compare tokens, numbers within an absolute tolerance: CodeContests and ExecEval."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from math import isnan

from .numbers import MAX_LENGTH, number, special

_CC_SPACES = bytes.maketrans(b"\n\t\r\v", b"    ")
_CC_NUMBER = re.compile(rb"(?:\+|-)?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)")
_EXEC_WORDS = frozenset(("yes", "no", "true", "false"))
_EXEC_DECIMAL = Context(prec=39, traps=[])


def code_contests(actual: str, expected: str) -> bool:
    """CodeContests (unsafe): tokens in any letter case, all numbers within 1e-5 absolute, integers too.

    Tokens end at space, LF, tab, CR and vertical tab, not at form feed. Numbers are ASCII decimals, inf and nan.
    Source: CodeContests `OutputsMatch`.
    """
    got, wanted = _cc_tokens(actual), _cc_tokens(expected)
    return got == wanted or (len(got) == len(wanted) and all(map(_cc_match, got, wanted)))


def _cc_tokens(text: str) -> list[bytes]:
    data = text.encode(errors="surrogateescape").lower()
    return [token for token in data.translate(_CC_SPACES).split(b" ") if token]


def _cc_match(got: bytes, wanted: bytes) -> bool:
    one, other = _cc_float(got), _cc_float(wanted)
    if one is None or other is None:
        return got == wanted
    return abs(one - other) < 1e-5


def _cc_float(token: bytes) -> float | None:
    token = token.strip()
    return float(token) if len(token) <= MAX_LENGTH and _CC_NUMBER.fullmatch(token) else None


def execeval(actual: str, expected: str) -> bool:
    """ExecEval (unsafe): stripped lines equal, or tokens with numbers within 1e-12; a printed nan passes for any.

    Tokens that are no numbers must be equal, where yes, no, true and false may be in any case. Numbers have 129 bits
    there and 39 decimal digits here. A difference that is nan is not above the tolerance, so nan passes for a number.
    Source: ExecEval `validate_outputs`.
    """
    lines = [[line.strip() for line in text.strip().split("\n")] for text in (actual, expected)]
    if lines[0] == lines[1]:
        return True
    got, wanted = actual.split(), expected.split()
    return len(got) == len(wanted) and all(map(_exec_match, got, wanted))


def _exec_match(got: str, wanted: str) -> bool:
    one, other = _exec_number(got), _exec_number(wanted)
    if one is None or other is None:
        return _exec_fold(got) == _exec_fold(wanted)
    off = float(_EXEC_DECIMAL.subtract(one, other))
    return isnan(off) or abs(off) <= 1e-12


def _exec_number(token: str) -> Decimal | None:
    data = token.encode(errors="surrogateescape")
    if kind := special(data):
        return Decimal(kind)
    return None if number(data) is None else _EXEC_DECIMAL.create_decimal(token)


def _exec_fold(token: str) -> str:
    return token.lower() if token.lower() in _EXEC_WORDS else token
