"""The comparator that ignores order: the same units, however they are arranged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from .base import ACCEPTED, Comparison, bad_expected, nul_found, rejected, show
from .numbers import first_unfit, is_int64
from .params import Params
from .text import token_breaks, tokens, units


@dataclass(frozen=True, slots=True)
class Unordered:
    """The same tokens, lines or integers in any order, each as often as expected.

    Params: `unit` = "token" (default), "line" (its tokens count, not its spacing; blank lines do not count; a CR ends
    a line as a LF does) or "int" (64-bit integers in canonical spelling); `multiset` = true (default), or false to
    compare sets, where repeating a unit or printing it once is the same. Memory is bounded by the expected output.
    Source: testlib `uncmp`, DMOJ `sorted` and `unordered`.
    """

    unit: str = "token"
    multiset: bool = True

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `unit` and `multiset`."""
        return cls(params.choice("unit", "token", ("token", "line", "int")), params.flag("multiset", True))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Count the expected units and cross off those that were printed."""
        if nul := nul_found(actual, expected):
            return nul
        if self.unit == "int" and (unfit := first_unfit(expected, is_int64)) is not None:
            return bad_expected(f"{show(unfit)} is not a 64-bit integer")
        if actual == expected:
            return ACCEPTED
        return self._cross_off(actual, expected) if self.multiset else self._same_set(actual, expected)

    def _units(self, data: bytes) -> Iterator[bytes]:
        return units(token_breaks(data), b"\n") if self.unit == "line" else tokens(data)

    def _cross_off(self, actual: bytes, expected: bytes) -> Comparison:
        left = Counter(self._units(expected))
        for position, unit in enumerate(self._units(actual), start=1):
            if left[unit] == 0:
                often = "more often than expected" if unit in left else "not expected"
                return rejected(f"{self.unit} {position}: {show(unit)} is {often}")
            left[unit] -= 1
        missing = next((unit for unit, count in left.items() if count), None)
        if missing is None:
            return ACCEPTED
        return rejected(f"{self.unit} {show(missing)} is missing, {left.total()} missing in all")

    def _same_set(self, actual: bytes, expected: bytes) -> Comparison:
        wanted = dict.fromkeys(self._units(expected), False)
        for position, unit in enumerate(self._units(actual), start=1):
            if unit not in wanted:
                return rejected(f"{self.unit} {position}: {show(unit)} is not expected")
            wanted[unit] = True
        missing = next((unit for unit, seen in wanted.items() if not seen), None)
        return ACCEPTED if missing is None else rejected(f"{self.unit} {show(missing)} is missing")
