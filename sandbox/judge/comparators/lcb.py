"""Comparators of LiveCodeBench and of its forks: lcb (exact decimals) and lcb_tol (decimals within a tolerance).

Both work on text as their source does: white space is what `str.strip` and `str.split` take for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import eq
from typing import Self

from .base import ACCEPTED, Comparison, nul_found, rejected, show
from .numbers import MAX_LENGTH, integer, number
from .params import Params
from .text import line_blocks


@dataclass(frozen=True, slots=True)
class Lcb:
    """LiveCodeBench: equal stripped lines, or lines of equal decimals, so 1.0 is 1 but 0.333 is not 0.3333.

    Both outputs are stripped and cut at LF, and each line is stripped; the numbers of lines must be equal. Two lines
    match when they are equal, or when all their tokens are Python decimals and the two lists of values are equal.
    A token of more than 400 characters is no number here. Source: LiveCodeBench `grade_stdio`.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the lines."""
        return _compare(self, actual, expected)

    def near(self, got: str, wanted: str) -> bool:
        """Two decimals that are not equal do not match."""
        return False


@dataclass(frozen=True, slots=True)
class LcbTolerant:
    """As `lcb`, but decimals also match within a tolerance: 1e-6, absolute or relative to the expected value.

    Params: `abs` and `rel` (both 1e-6); `ints_exact` (default true) wants two integers to be equal, which the source
    does not: false lets 1000001 pass for 1000000. Source: the LiveCodeBench fork of NeMo Gym.
    """

    abs: float = 1e-6
    rel: float = 1e-6
    ints_exact: bool = True

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `abs`, `rel` and `ints_exact`."""
        return cls(params.number("abs", 1e-6), params.number("rel", 1e-6), params.flag("ints_exact", True))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the lines."""
        return _compare(self, actual, expected)

    def near(self, got: str, wanted: str) -> bool:
        """Whether two numbers in the strict grammar are near enough."""
        one, other = (token.encode(errors="surrogateescape") for token in (got, wanted))
        printed, value = number(one), number(other)
        if printed is None or value is None:
            return False
        if self.ints_exact and integer(one) is not None and integer(other) is not None:
            return False
        off = abs(printed - value)
        return off <= self.abs or off <= self.rel * abs(value) < float("inf")


def _compare(rule: Lcb | LcbTolerant, actual: bytes, expected: bytes) -> Comparison:
    if actual == expected and b"\0" not in actual:
        return ACCEPTED
    if nul := nul_found(actual, expected):
        return nul
    got, wanted = (side.decode(errors="surrogateescape").strip() for side in (actual, expected))
    if (printed := got.count("\n")) != (count := wanted.count("\n")):
        return rejected(f"expected {count + 1} lines, got {printed + 1}")
    for position, (one, other) in enumerate(zip(_lines(got), _lines(wanted), strict=True), start=1):
        if one != other and not _same_numbers(rule, one, other):
            shown = [show(line.encode(errors="surrogateescape")) for line in (other, one)]
            return rejected(f"line {position}: expected {shown[0]}, got {shown[1]}")
    return ACCEPTED


def _lines(text: str) -> Iterator[str]:
    for block in line_blocks(text, "\n"):
        yield from map(str.strip, block.split("\n"))


def _same_numbers(rule: Lcb | LcbTolerant, got: str, wanted: str) -> bool:
    printed, expected = got.split(), wanted.split()
    if len(printed) != len(expected) or max(map(len, printed + expected), default=0) > MAX_LENGTH:
        return False
    try:
        values = list(map(Decimal, printed)), list(map(Decimal, expected))
        equal = list(map(eq, *values))
    except InvalidOperation:  # not a decimal, or a signalling NaN, which cannot even be compared
        return False
    return all(same or rule.near(*pair) for same, *pair in zip(equal, printed, expected, strict=True))
