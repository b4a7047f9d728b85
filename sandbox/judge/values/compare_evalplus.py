"""EvalPlus's rule for one returned value, including the tolerance that it switches on for floats."""

from __future__ import annotations

from sandbox.judge.comparators.base import ACCEPTED, Comparison, rejected

from .arrays import allclose, as_grid, broadcast
from .comparator import ValueComparator, ValueParams, judged
from .compare_equal import PYTHON_EQUALITY
from .show import show, show_index
from .types import Call, NdArray, Value

_RTOL = 1e-7
_FLOAT_ATOL = 1e-6


class EvalPlus:
    """`==`, else the same type, the same length and numpy's allclose.

    Where floats are expected and no tolerance is given, 1e-6 is used. In the original that tolerance then stays for the
    rest of the run, and numpy stretches arrays of different shapes to fit (which makes [[]] close to [[1.0]]); `sticky`
    does both, and needs one comparator for all tests of a run, in their order. Otherwise shapes must agree.
    """

    def __init__(self, atol: float, sticky: bool = False) -> None:
        self._atol = atol
        self._sticky = sticky

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        atol = self._atol or (_FLOAT_ATOL if _is_floats(expected) else 0.0)
        if self._sticky:
            self._atol = atol
        difference = PYTHON_EQUALITY.difference(actual, expected)
        if difference is None or not atol or type(actual) is not type(expected):
            return judged(difference)
        if isinstance(expected, (list, tuple)) and isinstance(actual, (list, tuple)) and len(actual) != len(expected):
            return judged(difference)
        return self._allclose(actual, expected, atol) or judged(difference)

    def _allclose(self, actual: Value, expected: Value, atol: float) -> Comparison | None:
        """None when the values are not what numpy can compare."""
        got, wanted = as_grid(actual), as_grid(expected)
        if got is None or wanted is None:
            return None
        if got.shape != wanted.shape:
            stretched = broadcast(got, wanted) if self._sticky else None
            if stretched is None:
                return None
            got, wanted = stretched
        index = allclose(got, wanted, _RTOL, atol)
        if index is None:
            return ACCEPTED
        place, expected_one, actual_one = show_index(index, got.shape), wanted.elements[index], got.elements[index]
        reason = f"expected {show(expected_one)} within {atol:g}, got {show(actual_one)}"
        return rejected(f"{place}: {reason}" if place else reason)


def evalplus(params: ValueParams) -> ValueComparator:
    """The rule with the task's own tolerance."""
    sticky = params.flag("sticky", False)
    if sticky:
        params.need_unsafe("sticky", "a tolerance meant for one test is kept for all later ones")
    return EvalPlus(params.number("atol", 0.0), sticky)


def _is_floats(expected: Value) -> bool:
    if isinstance(expected, (list, tuple)):
        return bool(expected) and set(map(type, expected)) == {float}
    return isinstance(expected, float) or (isinstance(expected, NdArray) and expected.dtype in ("<f4", "<f8"))
