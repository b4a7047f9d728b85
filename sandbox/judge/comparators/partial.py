"""Comparators that give part of the score: line_fraction, line_points, prefix_fraction, token_fraction.

Units are compared at their own position, and the score is 1.0 exactly when the whole output matches: missing and
surplus units count against it, so printing more can never gain anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, nextafter
from operator import eq
from typing import Self

from .base import ACCEPTED, Comparison, bad_expected, nul_found, rejected
from .explain import first_different
from .params import Params
from .text import count_units, first_difference, one_line, rstrip_lines, units

_SEPARATORS = {"line": b"\n", "token": b" "}


def _form(unit: str, data: bytes) -> bytes:
    return rstrip_lines(data) if unit == "line" else one_line(data)


def _fraction(unit: str, matched: int, got: bytes, wanted: bytes) -> Comparison:
    """Score two different forms by how many of their units match, of the longer one's number."""
    separator = _SEPARATORS[unit]
    total = max(count_units(got, separator), count_units(wanted, separator))
    reason = first_different(unit, separator, got, wanted).reason
    return rejected(f"{matched} of {total} {unit}s match; {reason}", matched / total)


def _matched_in_place(unit: str, got: bytes, wanted: bytes) -> int:
    separator = _SEPARATORS[unit]
    return sum(map(eq, units(got, separator), units(wanted, separator)))


@dataclass(frozen=True, slots=True)
class LineFraction:
    """Fraction of the lines that are right at their own position, of the longer output's number of lines.

    Lines are equal as in `lines`: white space at the end of a line and blank lines at the end are ignored.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Count the lines that match."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = rstrip_lines(actual), rstrip_lines(expected)
        if got == wanted:
            return ACCEPTED
        return _fraction("line", _matched_in_place("line", got, wanted), got, wanted)


@dataclass(frozen=True, slots=True)
class TokenFraction:
    """Fraction of the tokens that are right at their own position, of the longer output's number of tokens."""

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Count the tokens that match."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = one_line(actual), one_line(expected)
        if got == wanted:
            return ACCEPTED
        return _fraction("token", _matched_in_place("token", got, wanted), got, wanted)


@dataclass(frozen=True, slots=True)
class PrefixFraction:
    """Length of the longest right beginning, as a fraction of the longer output's length, in lines or tokens.

    Params: `unit` = "line" (default, equal as in `lines`) or "token".
    """

    unit: str = "line"

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `unit`."""
        return cls(params.choice("unit", "line", ("line", "token")))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Count the units before the first difference."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = _form(self.unit, actual), _form(self.unit, expected)
        if got == wanted:
            return ACCEPTED
        at = first_difference(got, wanted)
        separator = _SEPARATORS[self.unit]
        whole = at > 0 and all(at == len(form) or form[at : at + 1] == separator for form in (got, wanted))
        return _fraction(self.unit, wanted.count(separator, 0, at) + whole, got, wanted)


@dataclass(frozen=True, slots=True)
class LinePoints:
    """Points for each line that is right, as a fraction of all points; the number of lines must be right.

    Lines are equal as in `lines`. Params: `points`, a list of numbers above 0, one for each expected line. An output
    with more or fewer lines scores 0. Source: DMOJ `linematches`.
    """

    points: tuple[float, ...]

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `points`."""
        points = params.numbers("points")
        if not points or min(points) <= 0:
            raise params.error("points", "must be a list of numbers above 0, one for each expected line")
        if sum(points) == float("inf"):
            raise params.error("points", "must have a finite sum")
        return cls(points)

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Add up the points of the lines that match."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = rstrip_lines(actual), rstrip_lines(expected)
        count = count_units(wanted, b"\n")
        if count != len(self.points):
            return bad_expected(f"it has {count} lines, but there are points for {len(self.points)}")
        if got == wanted:
            return ACCEPTED
        if (printed := count_units(got, b"\n")) != count:
            return rejected(f"expected {count} lines, got {printed}")
        right = map(eq, units(got, b"\n"), units(wanted, b"\n"))
        earned = fsum(points for points, same in zip(self.points, right, strict=True) if same)
        return first_different("line", b"\n", got, wanted, min(earned / fsum(self.points), nextafter(1.0, 0.0)))
