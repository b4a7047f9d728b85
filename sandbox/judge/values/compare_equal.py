"""Comparators that look at two values place by place: `py_eq`, `python_eq` and `approx`."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import cast

from sandbox.judge.comparators.base import Comparison

from .comparator import ValueComparator, ValueParams, judged
from .equality import Equality, TupleAsList
from .numeric import Number
from .types import Call, Value


@dataclass(frozen=True, slots=True)
class Equal:
    """Accepts values without a difference."""

    equality: Equality

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        return judged(self.equality.difference(actual, expected))


def py_eq(params: ValueParams) -> ValueComparator:
    """Python's == on plain data, with bool apart from int and lists that may be tuples."""
    return Equal(
        Equality(
            bool_is_int=params.flag("bool_as_int", False),
            tuple_as_list=_tuple_as_list(params),
            nan_equal=params.flag("nan_equal", False),
            str_keys=params.flag("str_keys", False),
        )
    )


PYTHON_EQUALITY = Equality(bool_is_int=True, tuple_as_list="none")


def python_eq(params: ValueParams) -> ValueComparator:
    """Python's == as it is."""
    return Equal(PYTHON_EQUALITY)


def approx(params: ValueParams) -> ValueComparator:
    """Equality with a tolerance for floats."""
    rtol, atol = params.number("rtol", 1e-6), params.number("atol", 1e-12)
    deepest = None if params.flag("nested", True) else 1

    def close(actual: Number, expected: Number, depth: int) -> bool:
        return (deepest is None or depth <= deepest) and _near(actual, expected, rtol, atol)

    return Equal(
        Equality(
            tuple_as_list=_tuple_as_list(params),
            nan_equal=params.flag("nan_equal", False),
            str_keys=params.flag("str_keys", False),
            close=close,
        )
    )


def _tuple_as_list(params: ValueParams) -> TupleAsList:
    return cast(TupleAsList, params.choice("tuple_as_list", "deep", ("none", "top", "deep")))


def _near(actual: Number, expected: Number, rtol: float, atol: float) -> bool:
    if isinstance(actual, int) and isinstance(expected, int):
        return False
    try:
        if isinstance(actual, complex) or isinstance(expected, complex):
            distance, size = abs(complex(actual) - complex(expected)), abs(complex(expected))
        else:
            distance, size = abs(float(actual) - float(expected)), abs(float(expected))
    except (OverflowError, ValueError):  # beyond the range of floats, or a signalling nan
        return False
    return isfinite(distance) and distance <= max(atol, rtol * size)
