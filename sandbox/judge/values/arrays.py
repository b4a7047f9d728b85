"""Numbers in a grid: what numpy makes of nested lists, and its `allclose`, without numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite, prod
from typing import Any

from .types import NdArray, Value

_MAX_DIMENSIONS = 64
_MAX_BROADCAST = 10_000_000
_FLOAT_BITS = 1023
_INTEGERS = range(-(1 << 63), 1 << 64)


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers in C order and their shape."""

    shape: tuple[int, ...]
    elements: Sequence[int | float | complex]


def as_grid(value: Value) -> Grid | None:
    """A number, an array, or evenly nested lists and tuples of them; None for anything else."""
    elements: list[int | float | complex] = []
    shape = _collect(value, elements, 0)
    return None if shape is None else Grid(shape, elements)


def _collect(value: Any, elements: list[int | float | complex], depth: int) -> tuple[int, ...] | None:
    kind = type(value)
    if kind is float or kind is bool or kind is complex or (kind is int and _fits(value, depth)):
        elements.append(value)
        return ()
    if kind is NdArray:
        elements.extend(value.elements())
        shape: tuple[int, ...] = value.shape
        return shape
    if kind not in (list, tuple) or depth >= _MAX_DIMENSIONS:
        return None
    inner: tuple[int, ...] | None = (0,) if not value else None
    for index, item in enumerate(value):
        found = _collect(item, elements, depth + 1)
        if found is None or (index and found != inner):
            return None
        inner = found
    return (len(value), *(inner or ())) if value else (0,)


def _fits(value: int, depth: int) -> bool:
    """Whether numpy takes the integer for a number: in an array by its size, alone also as a float."""
    return value in _INTEGERS or (depth == 0 and value.bit_length() <= _FLOAT_BITS)


def allclose(actual: Grid, expected: Grid, rtol: float, atol: float, nan_equal: bool = False) -> int | None:
    """The place of the first element that is not close, or None. Both grids have the same shape."""
    for index, (got, wanted) in enumerate(zip(actual.elements, expected.elements, strict=True)):
        if not isclose(got, wanted, rtol, atol) and not (nan_equal and got != got and wanted != wanted):
            return index
    return None


def isclose(actual: float | complex, expected: float | complex, rtol: float, atol: float) -> bool:
    """numpy's rule: a finite expected number allows atol + rtol times itself, any other only itself."""
    if actual == expected:
        return True
    size = _size(expected)
    return isfinite(size) and _size(_minus(actual, expected)) <= atol + rtol * size


def broadcast(left: Grid, right: Grid) -> tuple[Grid, Grid] | None:
    """Both grids stretched to one shape, as numpy does before it compares; None when that cannot be done."""
    dimensions = max(len(left.shape), len(right.shape))
    shapes = [(1,) * (dimensions - len(grid.shape)) + grid.shape for grid in (left, right)]
    if any(a != b and 1 not in (a, b) for a, b in zip(*shapes, strict=True)):
        return None
    common = tuple(b if a == 1 else a for a, b in zip(*shapes, strict=True))
    if prod(common) > _MAX_BROADCAST:
        return None
    stretched = [
        Grid(common, [grid.elements[place] for place in _places(shape, common)])
        for grid, shape in zip((left, right), shapes, strict=True)
    ]
    return stretched[0], stretched[1]


def _places(shape: Sequence[int], common: Sequence[int]) -> Iterator[int]:
    """For each element of the common shape, which element of the narrower one stands there."""
    strides = [prod(shape[axis + 1 :]) if length > 1 else 0 for axis, length in enumerate(shape)]
    for index in range(prod(common)):
        place = 0
        for length, stride in zip(reversed(common), reversed(strides), strict=True):
            index, position = divmod(index, length)
            place += position * stride
        yield place


def _minus(actual: float | complex, expected: float | complex) -> float | complex:
    if isinstance(actual, complex) or isinstance(expected, complex):
        return complex(actual) - complex(expected)
    return float(actual) - float(expected)


def _size(number: float | complex) -> float:
    try:
        return abs(number)
    except OverflowError:  # a complex number whose parts are finite
        return inf
