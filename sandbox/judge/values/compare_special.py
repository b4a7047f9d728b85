"""Single benchmark tasks with more than one right answer, each with the rule that EvalPlus judges it by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeGuard

from sandbox.judge.comparators.base import ACCEPTED, Comparison, bad_expected, rejected
from sandbox.judge.comparators.params import nearest

from .comparator import ValueComparator, ValueParams, needed
from .compare_evalplus import EvalPlus
from .numeric import same_number
from .show import show
from .types import Call, Value

_ROOT_ATOL = 1e-4
# What arithmetic on arguments of a wrong kind or size may raise.
_ARITHMETIC = (ArithmeticError, ValueError, TypeError)

# Of a call's arguments: the alternative right answer, or None where there is none.
_Alternative = Callable[..., "int | None"]


@dataclass(frozen=True, slots=True)
class Root:
    """humaneval/32: any x at which the polynomial is nearly zero.

    The coefficients, lowest first, are the call's first argument; without a call, they are the expected value.
    """

    atol: float

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        coefficients = expected if call is None else next(iter(_arguments(call)), None)
        if not isinstance(coefficients, (list, tuple)) or not all(map(_is_real, coefficients)):
            return bad_expected(f"{show(coefficients)} is not a list of coefficients")
        if not _is_real(actual):
            return rejected(f"expected a root, got {show(actual)}")
        try:
            distance = abs(sum(factor * math.pow(actual, power) for power, factor in enumerate(coefficients)))
        except _ARITHMETIC:
            return rejected(f"the polynomial has no value at {show(actual)}")
        return ACCEPTED if distance <= self.atol else rejected(f"the polynomial is {distance:g} at {show(actual)}")


@dataclass(frozen=True, slots=True)
class Alternative:
    """EvalPlus's rule, or the answer to the task's other reading, computed from the call's arguments."""

    usual: EvalPlus
    other: _Alternative
    atol: float

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        arguments = _arguments(needed(call))
        usual = self.usual(actual, expected)
        if usual.score == 1.0 or not _is_real(actual):
            return usual
        try:
            other = self.other(*arguments)
            near = other is not None and (same_number(actual, other) or abs(actual - other) <= self.atol)
        except _ARITHMETIC:
            return usual
        return ACCEPTED if near else usual


@dataclass(frozen=True, slots=True)
class AlsoAccept:
    """EvalPlus's rule, or one answer (or any) that the original accepts whatever is expected."""

    usual: EvalPlus
    accepted: Callable[[Any], bool]

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        return ACCEPTED if self.accepted(actual) else self.usual(actual, expected)


def special(params: ValueParams) -> ValueComparator:
    """The rule of the task named by the parameter `name`."""
    name = params.text("name", "")
    if name not in _TASKS:
        raise params.error("name", f"there are no special rules for '{name:.40}'", nearest(name, list(_TASKS)))
    return _TASKS[name](params)


def _root(params: ValueParams) -> ValueComparator:
    return Root(params.number("atol", _ROOT_ATOL))


def _digit_distance(params: ValueParams) -> ValueComparator:
    return Alternative(EvalPlus(params.number("atol", 0.0)), _padded_digit_distance, 0.0)


def _surface_area(params: ValueParams) -> ValueComparator:
    atol = params.number("atol", 0.0)
    return Alternative(EvalPlus(atol), _pyramid_surface, atol)


def _anything(params: ValueParams) -> ValueComparator:
    params.need_unsafe("name", "mbpp/164 accepts every answer")
    return AlsoAccept(EvalPlus(params.number("atol", 0.0)), lambda actual: True)


def _or_zero(params: ValueParams) -> ValueComparator:
    params.need_unsafe("name", "mbpp/295 accepts 0 for every input")
    return AlsoAccept(EvalPlus(params.number("atol", 0.0)), lambda actual: type(actual) in (int, float) and actual == 0)


_TASKS: Mapping[str, Callable[[ValueParams], ValueComparator]] = {
    "humaneval/32": _root,
    "mbpp/164": _anything,
    "mbpp/295": _or_zero,
    "mbpp/558": _digit_distance,
    "mbpp/581": _surface_area,
}


def _padded_digit_distance(first: int, second: int) -> int | None:
    """The sum of the differences of digits in the same place, counted from the right."""
    digits = [str(number)[::-1] for number in (first, second)]
    if not all(text.isdecimal() for text in digits):
        return None
    return sum(abs(int(one) - int(other)) for one, other in zip_longest(*digits, fillvalue="0"))


def _pyramid_surface(base: float, height: float) -> int:
    """The rounded surface of a square pyramid, with `height` from its base to its apex rather than along a face."""
    slant = math.sqrt((base / 2) ** 2 + height**2)
    return round(base**2 + 4 * (base * slant) / 2)


def _arguments(call: Call) -> Sequence[Any]:
    return [*call.args, *call.kwargs.values()]


def _is_real(value: object) -> TypeGuard[int | float]:
    return type(value) in (int, float)
