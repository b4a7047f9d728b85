"""The comparator of numbers within a tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from .base import ACCEPTED, Comparison, bad_expected, nul_found, rejected, show
from .float_presets import DEFAULT, FloatRule, rule_from_params
from .numbers import integer, number, special
from .params import Params
from .text import token_breaks, token_lines, tokens, tokens_and_breaks

_BREAK = b"\n"


@dataclass(frozen=True, slots=True)
class Floats:
    """Token by token, numbers within a tolerance and all other tokens equal as text.

    Where the expected token is a number (strict ASCII grammar, see `numbers`), the printed token must be one too and be
    as near as `abs` or `rel` allows; `rel` is measured against the expected value. All other tokens must be equal.
    A number too large for a double matches only its own spelling.

    Params:
        abs, rel: tolerances. Neither given: 1e-6 for both. One given: the other is off.
        mode: "either" (default), "abs" or "rel": which of the two tolerances count.
        ints_exact: true (default): where both tokens are integers they must be equal, at any size.
        nan: "reject" (default, nothing matches it), "equal" (nan matches nan) or "text" (its spelling counts).
        inf: "sign" (default, infinities match by sign), "reject" or "text".
        case_fold: false (default); true ignores ASCII case in tokens that are text.
        layout: "tokens" (default, line breaks do not matter), "lines" (they must agree; blank lines count, except at
            the end) or "nonblank" (they must agree; blank lines do not count).
        numbers_only: false (default); true: every token must be a finite number.
        single: false (default); true: exactly one token.
        preset: a known judge's settings (see `float_presets`), which the other params then change.

    Source: testlib `rcmp*`, the Kattis default validator, DMOJ `floats`.
    """

    rule: FloatRule = DEFAULT

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read the rule."""
        return cls(rule_from_params(params))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the tokens, numbers within the tolerance."""
        if nul := nul_found(actual, expected):
            return nul
        picky = self._looks_at_equal_tokens(expected)
        if actual == expected and not picky:
            return ACCEPTED
        position = 1
        for got, wanted in zip_longest(self._stream(actual), self._stream(expected)):
            if got is None:
                return rejected(f"token {position}: expected {_name(wanted)}, but the output ends before it")
            if wanted is None:
                return rejected(f"token {position}: got {_name(got)} after the end of the expected output")
            if (picky or got != wanted) and (comparison := self._differ(got, wanted, position)):
                return comparison
            position += got != _BREAK
        if self.rule.single and position != 2:
            return bad_expected(f"it holds {position - 1} tokens, not exactly one")
        return ACCEPTED

    def _looks_at_equal_tokens(self, expected: bytes) -> bool:
        """Whether a token may be refused although both sides spell it alike."""
        rule = self.rule
        if rule.numbers_only or rule.single:
            return True
        return "reject" in (rule.nan, rule.inf) and any(word in expected.lower() for word in (b"nan", b"inf"))

    def _stream(self, data: bytes) -> Iterator[bytes]:
        if self.rule.layout == "tokens":
            return tokens(data)
        return tokens_and_breaks(token_lines(data) if self.rule.layout == "lines" else token_breaks(data))

    def _differ(self, got: bytes, wanted: bytes, position: int) -> Comparison | None:
        """Judge two tokens; None when they match."""
        rule = self.rule
        if got == wanted == _BREAK:
            return None
        value = number(wanted)
        if value is None:
            kind = special(wanted)
            if rule.numbers_only and wanted != _BREAK:
                return bad_expected(f"token {position}, {show(wanted)}, is not a number")
            policy = "text" if not kind else rule.nan if kind == "nan" else rule.inf
            if policy == "text":
                same = got == wanted or (rule.case_fold and got.lower() == wanted.lower())
            else:
                same = policy != "reject" and special(got) == kind
            return None if same else rejected(f"token {position}: expected {_name(wanted)}, got {_name(got)}")
        if got == wanted:
            return None
        return self._numbers_differ(got, wanted, value, position)

    def _numbers_differ(self, got: bytes, wanted: bytes, value: float, position: int) -> Comparison | None:
        printed = number(got)
        if printed is None:
            why = ", which is not a number"
        elif self.rule.ints_exact and (whole := integer(wanted)) is not None and (other := integer(got)) is not None:
            if whole == other:
                return None
            why = "; integers must be equal"
        else:
            off = abs(printed - value)
            if off <= self.rule.abs or off <= self.rule.rel * abs(value) < _INFINITE:
                return None
            why = f": off by {off:.6g}, allowed is {self.rule.allowed()}"
        return rejected(f"token {position}: expected {show(wanted)}, got {_name(got)}{why}")


_INFINITE = float("inf")


def _name(token: bytes) -> str:
    return "the end of the line" if token == _BREAK else show(token)
