"""What counts as a number in an output: one strict ASCII grammar, bounded in length and in cost.

    [+-]? ( digits [. digits*] | . digits ) ( [eE] [+-]? 1 to 4 digits )?      at most 400 characters

Anything else is text, so underscores, hexadecimal, full-width digits, `1e1000000` and a million nines
are compared as strings and never reach a conversion whose cost grows with their value.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .text import token_blocks

MAX_LENGTH = 400
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile(rb"[+-]?[0-9]+")
_CANONICAL = re.compile(rb"0|-?[1-9][0-9]*")
_SPECIAL = re.compile(rb"([+-]?)(?:(nan)|inf(?:inity)?)", re.IGNORECASE)
_INT64 = range(-(1 << 63), 1 << 63)


def number(token: bytes) -> float | None:
    """Value of a numeric token (infinite when it is too large for a double), None for any other text."""
    if len(token) <= MAX_LENGTH and _NUMBER.fullmatch(token):
        return float(token)
    return None


def integer(token: bytes) -> int | None:
    """Exact value of a token that is an optional sign and digits, None for any other text."""
    if len(token) <= MAX_LENGTH and _INTEGER.fullmatch(token):
        return int(token)
    return None


def special(token: bytes) -> str:
    """Name the value of a spelling of nan, inf or -inf in any case; "" for any other text."""
    if len(token) > 9 or not (match := _SPECIAL.fullmatch(token)):
        return ""
    if match[2]:
        return "nan"
    return "-inf" if match[1] == b"-" else "inf"


def is_canonical(token: bytes) -> bool:
    """Whether a token is an integer in its only accepted spelling: no plus sign, no leading zero, no -0."""
    return _CANONICAL.fullmatch(token) is not None


def is_int64(token: bytes) -> bool:
    """Whether a token is a canonical integer that fits 64 bits with sign."""
    return len(token) <= 20 and is_canonical(token) and int(token) in _INT64


def first_unfit(data: bytes, fits: Callable[[bytes], bool]) -> bytes | None:
    """First token that does not fit, or None; a token that comes often in a block is looked at once."""
    for block in token_blocks(data):
        for token in dict.fromkeys(block):
            if not fits(token):
                return token
    return None
