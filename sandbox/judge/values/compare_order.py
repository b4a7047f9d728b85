"""Comparators for answers whose order does not matter, or matters only in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.judge.comparators.base import Comparison, bad_expected, rejected

from .comparator import ValueComparator, ValueParams, judged
from .difference import Difference, count_difference, mismatch, set_difference
from .equality import Equality
from .keys import EqualToNothing, Keys
from .show import show
from .types import Call, PlainDict, PlainSet, Value, entries, members

_Compare = Callable[[Sequence[Value], Sequence[Value], Keys], Difference | None]
_Key = Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Unordered:
    """Compares the members of two lists, tuples or sets; which of these they come in does not matter."""

    compare: _Compare
    keys: Keys

    def __call__(self, actual: Value, expected: Value, call: Call | None = None) -> Comparison:
        """Compare."""
        wanted, got = _collection(expected), _collection(actual)
        if wanted is None:
            return bad_expected(f"{show(expected)} is not a list, tuple or set")
        if got is None:
            return judged(mismatch(actual, expected))
        # A tuple may stand where a list is expected; when tuples are expected, lists and tuples are told apart.
        keys = Keys(self.keys.bool_is_int, self.keys.nan_equal, not _holds_tuple(wanted), self.keys.any_order)
        try:
            return judged(self.compare(got, wanted, keys))
        except EqualToNothing:
            return rejected(f"a member of {show(actual)} or {show(expected)} is equal to nothing")


def set_eq(params: ValueParams) -> ValueComparator:
    """The same members; how often each comes does not matter."""
    return Unordered(_same_set, _keys(params))


def multiset_eq(params: ValueParams) -> ValueComparator:
    """The same members, each equally often."""
    return Unordered(_same_multiset, _keys(params))


def sorted_eq(params: ValueParams) -> ValueComparator:
    """Equal after sorting both sides, which keeps the order of members whose keys are equal."""
    key = params.choice("key", "value", ("value", *_SORT_KEYS))
    if key == "value":
        return multiset_eq(params)
    return Unordered(_SortedBy(key), _keys(params))


def unordered(params: ValueParams) -> ValueComparator:
    """The members in any order, and with `deep` the members of every list inside them too."""
    deep = params.flag("deep", True)
    return Unordered(_same_multiset, _keys(params, any_order=deep))


def _keys(params: ValueParams, any_order: bool = False) -> Keys:
    return Keys(params.flag("bool_as_int", False), params.flag("nan_equal", False), any_order=any_order)


def _collection(value: Value) -> Sequence[Value] | None:
    if isinstance(value, (list, tuple)):
        return value
    return list(members(value)) if isinstance(value, (set, frozenset, PlainSet)) else None


def _holds_tuple(value: Value) -> bool:
    if isinstance(value, (list, tuple)):
        kinds = set(map(type, value))
        return tuple in kinds or (not kinds.isdisjoint(_NESTING) and any(map(_holds_tuple, value)))
    if isinstance(value, (dict, PlainDict)):
        return any(type(item) is tuple or _holds_tuple(item) for _, item in entries(value))
    return False


_NESTING = frozenset({list, dict, PlainDict})


def _same_set(actual: Sequence[Value], expected: Sequence[Value], keys: Keys) -> Difference | None:
    return set_difference({keys.of(item): item for item in actual}, {keys.of(item): item for item in expected})


def _same_multiset(actual: Sequence[Value], expected: Sequence[Value], keys: Keys) -> Difference | None:
    got, wanted = [keys.of(item) for item in actual], [keys.of(item) for item in expected]
    counts = Counter(wanted)
    counts.subtract(got)
    if not any(counts.values()):
        return None
    items = dict(zip((*got, *wanted), (*actual, *expected), strict=True))
    key, count = next((key, count) for key, count in counts.items() if count)
    return Difference(f"{show(items[key])} comes {abs(count)} time{'s' * (abs(count) > 1)} too {_often(count)}")


def _often(missing: int) -> str:
    return "few" if missing > 0 else "many"


class _SortedBy:
    """Members with equal keys must come in the same order; how the keys are ordered then no longer matters."""

    def __init__(self, key: str) -> None:
        self._name = key
        self._key = _SORT_KEYS[key]

    def __call__(self, actual: Sequence[Value], expected: Sequence[Value], keys: Keys) -> Difference | None:
        got, wanted = self._groups(actual, keys), self._groups(expected, keys)
        if got is None or wanted is None:
            return Difference(f"a member has no {self._name}")
        if len(actual) != len(expected):
            return count_difference(len(actual), len(expected))
        equality = Equality(keys.bool_is_int, "deep" if keys.tuple_is_list else "none", keys.nan_equal)
        for key, group in wanted.items():
            difference = equality.difference(got.get(key, []), group)
            if difference is not None:
                return Difference(f"among the members of {self._name} {show(self._key(group[0]))}: {difference}")
        return None

    def _groups(self, items: Sequence[Value], keys: Keys) -> dict[bytes, list[Value]] | None:
        groups: dict[bytes, list[Value]] = {}
        for item in items:
            if not isinstance(item, (list, tuple, str)) or (not item and self._name != "length"):
                return None
            groups.setdefault(keys.of(self._key(item)), []).append(item)
        return groups


def _length(item: Value) -> Value:
    return len(item) if isinstance(item, (list, tuple, str)) else None


def _first(item: Value) -> Value:
    return item[0] if isinstance(item, (list, tuple, str)) else None


def _last(item: Value) -> Value:
    return item[-1] if isinstance(item, (list, tuple, str)) else None


_SORT_KEYS: dict[str, _Key] = {"length": _length, "first": _first, "last": _last}
