"""Comparators for linked lists and binary trees, in the lists that exercise sites write them as."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.judge.comparators.base import Comparison, bad_expected

from .comparator import ValueComparator, ValueParams, judged
from .difference import mismatch
from .equality import Equality
from .show import show
from .types import Call, Value


@dataclass(frozen=True, slots=True)
class Shape:
    """Compares lists that stand for a structure; None stands for the empty one."""

    trim: bool
    equality: Equality

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        got, wanted = self._values(actual), self._values(expected)
        if wanted is None:
            return bad_expected(f"{show(expected)} is not a list")
        if got is None:
            return judged(mismatch(actual, expected))
        return judged(self.equality.difference(got, wanted))

    def _values(self, value: Value) -> list[Value] | None:
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            return None
        end = len(value)
        while self.trim and end and value[end - 1] is None:
            end -= 1
        return list(value[:end])


def linked_list(params: ValueParams) -> ValueComparator:
    """The values of a linked list from its head on."""
    return Shape(trim=False, equality=Equality())


def tree(params: ValueParams) -> ValueComparator:
    """The values of a binary tree level by level, None for a missing child of a node that exists."""
    return Shape(trim=True, equality=Equality())
