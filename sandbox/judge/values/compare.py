"""The value comparators by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sandbox.judge.comparators.base import ComparatorError
from sandbox.judge.comparators.params import nearest

from . import (
    compare_array,
    compare_claim,
    compare_equal,
    compare_evalplus,
    compare_order,
    compare_shape,
    compare_special,
)
from .comparator import Build, ValueComparator, ValueParams

DEFAULT = "py_eq"
_NO_PARAMS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Entry:
    summary: str
    build: Build


_COMPARATORS: Mapping[str, _Entry] = {
    "py_eq": _Entry(
        "Python's == on plain data, but True is not 1, and a tuple may stand where a list is expected; parameters "
        "tuple_as_list (none, top, deep), nan_equal, bool_as_int, str_keys",
        compare_equal.py_eq,
    ),
    "python_eq": _Entry("Python's own ==, unchanged: True is 1, a tuple is not a list", compare_equal.python_eq),
    "approx": _Entry(
        "py_eq, but floats may differ by atol or by rtol of the expected one; parameters rtol, atol, nested, "
        "tuple_as_list, nan_equal, str_keys",
        compare_equal.approx,
    ),
    "evalplus": _Entry(
        "the rule of EvalPlus: ==, else numpy's allclose with rtol 1e-7 and atol (1e-6 where floats are expected); "
        "sticky keeps that tolerance for later tests and is unsafe",
        compare_evalplus.evalplus,
    ),
    "set_eq": _Entry("the same members, in any order and any number of times", compare_order.set_eq),
    "multiset_eq": _Entry("the same members equally often, in any order", compare_order.multiset_eq),
    "sorted_eq": _Entry(
        "equal once both sides are sorted; with key (length, first, last) members with the same key keep their order",
        compare_order.sorted_eq,
    ),
    "unordered": _Entry("lists in any order, with deep (the default) on every level", compare_order.unordered),
    "linked_list": _Entry("the list of a linked list's values; None is the empty one", compare_shape.linked_list),
    "tree": _Entry(
        "a binary tree by levels, None for a missing child; trailing Nones mean nothing", compare_shape.tree
    ),
    "np": _Entry(
        "numpy arrays: equal shapes and allclose elements; parameters rtol, atol, nan_equal, dtype (any, kind, same)",
        compare_array.np,
    ),
    "not_none": _Entry(
        "anything but None, or None where False is expected; a bool is compared", compare_claim.not_none
    ),
    "raises": _Entry(
        "the call raised an exception of type, perhaps with a message that contains text", compare_claim.raises
    ),
    "special": _Entry(
        "the alternative rules of single benchmark tasks by name: humaneval/32, mbpp/558, mbpp/581, and the unsafe "
        "mbpp/164 and mbpp/295",
        compare_special.special,
    ),
}


def value_comparator(
    name: str, params: Mapping[str, object] = _NO_PARAMS, *, allow_unsafe: bool = False, field: str = "comparator"
) -> ValueComparator:
    """Builds a comparator; an empty name means `py_eq`. A wrong name or parameter raises ComparatorError."""
    entry = _COMPARATORS.get(name or DEFAULT)
    if entry is None:
        raise ComparatorError(
            f"{field}.name", f"there is no value comparator '{name:.40}'", nearest(name, list(_COMPARATORS))
        )
    values = ValueParams(params, allow_unsafe, field)
    comparator = entry.build(values)
    values.finish()
    return comparator


def value_comparator_names() -> Mapping[str, str]:
    """Every comparator with one line on what it does."""
    return {name: entry.summary for name, entry in _COMPARATORS.items()}
