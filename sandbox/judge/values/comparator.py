"""What every value comparator is, and how it reads its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn, Protocol

from sandbox.judge.comparators.base import ACCEPTED, ComparatorError, Comparison, rejected
from sandbox.judge.comparators.params import Params

from .difference import Difference
from .types import Call, Value


class ValueComparator(Protocol):
    """Judges the value that a call returned. It raises only when the judge itself uses it wrongly.

    `actual` is decoded or a `Raised`; `expected` is decoded or plain Python data; `call` holds the arguments, which the
    `special` comparators need.
    """

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""


class ValueParams(Params):
    """The parameters of a value comparator, and whether the request lets it be lenient to a fault."""

    def __init__(self, values: Mapping[str, object], allow_unsafe: bool, field: str = "comparator") -> None:
        super().__init__(values, _never_nested, field)
        self._allow_unsafe = allow_unsafe

    def need_unsafe(self, name: str, why: str) -> None:
        """Refuses what wrong answers can pass, unless the request allows it."""
        if not self._allow_unsafe:
            raise self.error(name, f"is unsafe: {why}", "to compare graders, set allow_unsafe_comparators")


Build = Callable[[ValueParams], ValueComparator]


def judged(difference: Difference | None) -> Comparison:
    """The comparison that a difference, or its absence, amounts to."""
    return ACCEPTED if difference is None else rejected(str(difference))


def needed(call: Call | None) -> Call:
    """The call, for comparators that cannot do without; to leave it out is a mistake of the judge."""
    if call is None:
        raise ComparatorError("comparator", "needs the arguments of the call")
    return call


def _never_nested(name: str, params: Params) -> NoReturn:
    raise params.error("comparator", "value comparators are not nested")
