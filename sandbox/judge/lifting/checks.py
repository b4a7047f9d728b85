"""What an assert demands of the value that a call returned, decided outside of every jail on plain data.

A check gives the answer that the assert statement would have given. Where the statement would have raised an error
(a `len` of a number, a list compared with a text by `<`), the assert has failed, negated or not.
"""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.judge.lifting.views import ITERATING, View, look, walkable

Equality = Callable[[object, object], bool]
"""(actual, expected) → whether they are equal. An error that it raises is a fault of ours and passes through."""

# What the operations of an assert raise on plain data of the wrong kind.
_PYTHON_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError)
_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(ABC):
    """What has to hold for the value, seen through the views `via`. The kinds of checks are those of this module."""

    via: tuple[View, ...] = ()

    @property
    def takes_iterator(self) -> bool:
        """The test only iterates over the value, so an iterator that the candidate returns may be drained first."""
        return bool(self.via) and self.via[0].name in ITERATING

    def judge(self, value: object, eq: Equality) -> bool:
        """Whether the assert holds for this value."""
        try:
            seen = look(value, self.via)
        except _PYTHON_ERRORS:
            return False
        return self._holds(seen, eq)

    @abstractmethod
    def _holds(self, seen: object, eq: Equality) -> bool: ...


@dataclass(frozen=True, slots=True)
class Equals(Check):
    """`value == expected`, or `!=` (also `not value == expected`) when negated."""

    expected: object
    negate: bool = False

    def _holds(self, seen: object, eq: Equality) -> bool:
        try:
            return eq(seen, self.expected) is not self.negate
        except ArithmeticError:
            return False  # as Python's own == on a signalling NaN: the assert fails, negated or not


@dataclass(frozen=True, slots=True)
class Truthy(Check):
    """`assert value`, or `assert not value` when negated."""

    negate: bool = False

    def _holds(self, seen: object, eq: Equality) -> bool:
        return _without_error(bool, seen) is (not self.negate)


@dataclass(frozen=True, slots=True)
class IsValue(Check):
    """`value is expected` where that is None, True or False; `is not` when negated."""

    expected: bool | None
    negate: bool = False

    def _holds(self, seen: object, eq: Equality) -> bool:
        return (seen is self.expected) is not self.negate


@dataclass(frozen=True, slots=True)
class Close(Check):
    """`math.isclose(value, expected, rel_tol=..., abs_tol=...)`, or `not` that when negated."""

    expected: float
    rel_tol: float = 1e-9
    abs_tol: float = 0.0
    negate: bool = False

    def _holds(self, seen: Any, eq: Equality) -> bool:
        close = _without_error(math.isclose, seen, self.expected, rel_tol=self.rel_tol, abs_tol=self.abs_tol)
        return close is (not self.negate)


@dataclass(frozen=True, slots=True)
class Compare(Check):
    """`value op bound` for one of the operators <, <=, > and >=."""

    op: str
    bound: object

    def _holds(self, seen: object, eq: Equality) -> bool:
        return _without_error(_ORDERS[self.op], seen, self.bound) is True


@dataclass(frozen=True, slots=True)
class In(Check):
    """`value in options`, or `not in` when negated. `kind` is that of the collection, whose elements the options are.

    A list may be looked for in a list, but to look for it in a set or a dictionary is an error. A set may be looked for
    in a set, where Python takes it for a frozen one.
    """

    options: tuple[object, ...]
    kind: Literal["sequence", "set", "dict"]
    negate: bool = False

    def _holds(self, seen: object, eq: Equality) -> bool:
        if not self._may_ask_for(seen):
            return False
        try:
            return any(eq(seen, option) for option in self.options) is not self.negate
        except ArithmeticError:
            return False  # as Python's own == on a signalling NaN

    def _may_ask_for(self, seen: object) -> bool:
        if self.kind == "sequence" or (self.kind == "set" and isinstance(seen, set)):
            return True
        return _without_error(hash, seen) is not None


@dataclass(frozen=True, slots=True)
class Contains(Check):
    """`member in value`, or `not in` when negated."""

    member: object
    negate: bool = False

    def _holds(self, seen: object, eq: Equality) -> bool:
        if isinstance(seen, range) and type(self.member) not in (int, bool):
            seen = _without_error(walkable, seen)
        return _without_error(operator.contains, seen, self.member) is (not self.negate)


def _without_error(function: Callable[..., Any], *args: object, **named: object) -> Any:
    """What the function returns, or None when it raised one of the errors that make an assert fail."""
    try:
        return function(*args, **named)
    except _PYTHON_ERRORS:
        return None
