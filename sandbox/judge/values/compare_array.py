"""The comparator for numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.judge.comparators.base import ACCEPTED, Comparison, bad_expected, rejected

from .arrays import allclose, as_grid
from .comparator import ValueComparator, ValueParams, judged
from .difference import mismatch
from .show import show, show_index
from .types import Call, NdArray, Value


@dataclass(frozen=True, slots=True)
class Arrays:
    """Equal shapes, close elements, and as much of the dtype as is asked for.

    Where nested lists or a number are expected, an array or the like will do; where an array is expected, only arrays.
    """

    rtol: float
    atol: float
    nan_equal: bool
    dtype: str

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        wanted = as_grid(expected)
        if wanted is None:
            return bad_expected(f"{show(expected)} is not an array of numbers")
        got = as_grid(actual) if isinstance(actual, NdArray) or not isinstance(expected, NdArray) else None
        if got is None:
            return judged(mismatch(actual, expected))
        if got.shape != wanted.shape:
            return rejected(f"expected shape {list(wanted.shape)}, got {list(got.shape)}")
        if not self._same_dtype(actual, expected):
            return rejected(f"expected {show(expected)}, got {show(actual)}")
        index = allclose(got, wanted, self.rtol, self.atol, self.nan_equal)
        if index is None:
            return ACCEPTED
        reason = f"expected {show(wanted.elements[index])}, got {show(got.elements[index])}"
        place = show_index(index, got.shape)
        return rejected(f"{place}: {reason}" if place else reason)

    def _same_dtype(self, actual: Value, expected: Value) -> bool:
        if self.dtype == "any" or not isinstance(expected, NdArray) or not isinstance(actual, NdArray):
            return True
        return actual.dtype == expected.dtype if self.dtype == "same" else actual.kind == expected.kind


def np(params: ValueParams) -> ValueComparator:
    """numpy's allclose, with its tolerances unless others are given."""
    return Arrays(
        rtol=params.number("rtol", 1e-5),
        atol=params.number("atol", 1e-8),
        nan_equal=params.flag("nan_equal", False),
        dtype=params.choice("dtype", "any", ("any", "kind", "same")),
    )
