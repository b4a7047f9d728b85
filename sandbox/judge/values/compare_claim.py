"""Comparators for the bare outcome of a call: that it returned something, or that it raised."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import TypeGuard

from sandbox.judge.comparators.base import ACCEPTED, Comparison, bad_expected, rejected

from .comparator import ValueComparator, ValueParams, judged
from .compare_equal import PYTHON_EQUALITY
from .difference import mismatch
from .show import show
from .types import Call, Raised, Value


class NotNone:
    """For tasks whose answers cannot be written down, only their being there."""

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """A bool must be the expected one; anything else must be None exactly where False is expected."""
        if isinstance(actual, Raised):
            return judged(mismatch(actual, expected))
        if not isinstance(expected, bool):
            return bad_expected(f"{show(expected)} is not a bool")
        if isinstance(actual, bool):
            return judged(PYTHON_EQUALITY.difference(actual, expected))
        if (actual is not None) is expected:
            return ACCEPTED
        return rejected(f"expected {'anything but None' if expected else 'None'}, got {show(actual)}")


@dataclass(frozen=True, slots=True)
class Raises:
    """Accepts a call that raised the type (or, of built-in exceptions, a subclass) and whose message fits."""

    type_name: str
    contains: str

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare; without the parameter `type`, the expected value names it."""
        wanted = self.type_name or expected
        if not isinstance(wanted, str):
            return bad_expected(f"{show(expected)} is not the name of an exception")
        if not isinstance(actual, Raised):
            return rejected(f"expected {wanted} to be raised, got {show(actual)}")
        if not _is_a(actual.type_name, wanted):
            return rejected(f"expected {wanted} to be raised, got {show(actual)}: {show(actual.message)}")
        if self.contains not in actual.message:
            return rejected(f"expected a message with {show(self.contains)}, got {show(actual.message)}")
        return ACCEPTED


def not_none(params: ValueParams) -> ValueComparator:
    """Whether there is an answer at all."""
    return NotNone()


def raises(params: ValueParams) -> ValueComparator:
    """Whether the call raised."""
    return Raises(params.text("type", ""), params.text("contains", ""))


def _is_a(name: str, wanted: str) -> bool:
    if name == wanted:
        return True
    found, base = (getattr(builtins, candidate, None) for candidate in (name, wanted))
    return _is_exception(found) and _is_exception(base) and issubclass(found, base)


def _is_exception(found: object) -> TypeGuard[type[BaseException]]:
    return isinstance(found, type) and issubclass(found, BaseException)
