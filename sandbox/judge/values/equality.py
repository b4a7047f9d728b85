"""Structural equality of plain data, and where two values first differ.

One walk over both values serves every comparator that looks at them place by place; `Equality` says what counts as the
same. Nothing is hashed by its own hash and nothing is called but built-in comparisons of exact built-in types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .difference import Difference, count_difference, mismatch, set_difference, text_difference, unequal
from .keys import EqualToNothing, Keys, canonical_range
from .numeric import NUMBERS, Number, same_nan, same_number
from .show import show, show_index
from .types import NdArray, PlainDict, PlainSet, Value, entries, members

TupleAsList = Literal["none", "top", "deep"]

_NONE = type(None)
# Lists of these are compared by Python itself: no value among them is equal to one that the walk tells apart.
_EASY = (frozenset({str, _NONE, int, float}), frozenset({str, _NONE, bool}))
# Sets of these alone are compared by sorting.
_SORTABLE = ({int}, {str})
_MAX_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Equality:
    """What counts as equal.

    `tuple_as_list` lets a tuple stand where a list is expected: nowhere, as the whole value, or everywhere; never the
    other way round. `str_keys` lets a dictionary with other simple keys stand where all expected keys are strings, as
    JSON would have written them. `close` says which unequal numbers are near enough, given how deep they lie.
    """

    bool_is_int: bool = False
    tuple_as_list: TupleAsList = "deep"
    nan_equal: bool = False
    str_keys: bool = False
    close: Callable[[Number, Number, int], bool] | None = None

    def difference(self, actual: Value, expected: Value) -> Difference | None:
        """Where the values first differ, or None when they are equal."""
        return self._differ(actual, expected, 0)

    def _differ(self, actual: Any, expected: Any, depth: int) -> Difference | None:
        family = _FAMILY.get(type(expected), "")
        given = _FAMILY.get(type(actual), "")
        if family != given or not family:
            family = self._reconciled(given, family, depth)
            if not family:
                return mismatch(actual, expected)
        return _COMPARE[family](self, actual, expected, depth)

    def _reconciled(self, given: str, wanted: str, depth: int) -> str:
        if self.bool_is_int and {given, wanted} == {"bool", "number"}:
            return "number"
        if given == "tuple" and wanted == "list" and (depth == 0 or self.tuple_as_list == "deep"):
            return "" if self.tuple_as_list == "none" else "list"
        return ""

    def _same(self, actual: Value, expected: Value, depth: int) -> Difference | None:
        return None if actual == expected else unequal(actual, expected)

    def _text(self, actual: str, expected: str, depth: int) -> Difference | None:
        return None if actual == expected else text_difference(actual, expected)

    def _number(self, actual: Number, expected: Number, depth: int) -> Difference | None:
        if same_number(actual, expected) or (self.nan_equal and same_nan(actual, expected)):
            return None
        if self.close is not None and self.close(actual, expected, depth):
            return None
        return unequal(actual, expected)

    def _sequence(self, actual: Sequence[Any], expected: Sequence[Any], depth: int) -> Difference | None:
        if len(actual) == len(expected) and _easily_equal(actual, expected):
            return None
        for index, (got, wanted) in enumerate(zip(actual, expected, strict=False)):
            difference = self._differ(got, wanted, depth + 1)
            if difference is not None:
                difference.steps.append(f"[{index}]")
                return difference
        return count_difference(len(actual), len(expected))

    def _range(self, actual: range, expected: range, depth: int) -> Difference | None:
        return None if canonical_range(actual) == canonical_range(expected) else unequal(actual, expected)

    def _set(self, actual: Value, expected: Value, depth: int) -> Difference | None:
        left: list[Any] = list(members(actual))
        right: list[Any] = list(members(expected))
        if set(map(type, left + right)) in _SORTABLE and sorted(left) == sorted(right):
            return None
        try:
            got, wanted = (dict(zip(map(self._keys.of, items), items, strict=True)) for items in (left, right))
        except EqualToNothing:
            return Difference(f"a member of {show(actual)} or {show(expected)} is equal to nothing")
        return set_difference(got, wanted)

    def _dict(self, actual: Value, expected: Value, depth: int) -> Difference | None:
        if type(expected) is dict and set(map(type, expected)) <= {str}:
            if self.str_keys:
                actual = with_text_keys(actual)
            if type(actual) is dict and set(map(type, actual)) <= {str}:
                return self._entries(actual, expected, None, depth)
        try:
            got, wanted = (self._keys.index(entries(value)) for value in (actual, expected))
        except EqualToNothing:
            return Difference(f"a key of {show(actual)} or {show(expected)} comes twice or is equal to nothing")
        return self._entries(_column(got, 1), _column(wanted, 1), {**_column(got, 0), **_column(wanted, 0)}, depth)

    def _entries(
        self, got: dict[Any, Any], wanted: dict[Any, Any], names: dict[Any, Any] | None, depth: int
    ) -> Difference | None:
        for key, value in wanted.items():
            if key not in got:
                return Difference(f"the key {show(names[key] if names else key)} is missing")
            difference = self._differ(got[key], value, depth + 1)
            if difference is not None:
                difference.steps.append(f"[{show(names[key] if names else key)}]")
                return difference
        for key in got:
            if key not in wanted:
                return Difference(f"the key {show(names[key] if names else key)} is not expected")
        return None

    def _array(self, actual: NdArray, expected: NdArray, depth: int) -> Difference | None:
        if actual.shape != expected.shape:
            return Difference(f"expected shape {list(expected.shape)}, got {list(actual.shape)}")
        if actual.kind != expected.kind and "b" in (actual.kind, expected.kind) and not self.bool_is_int:
            return unequal(actual, expected)
        if actual.dtype == expected.dtype and actual.kind in "biu" and actual.data == expected.data:
            return None
        for index, (got, wanted) in enumerate(zip(actual.elements(), expected.elements(), strict=True)):
            difference = self._number(got, wanted, depth + 1)
            if difference is not None:
                difference.steps.append(show_index(index, actual.shape))
                return difference
        return None

    @property
    def _keys(self) -> Keys:
        return Keys(bool_is_int=self.bool_is_int, nan_equal=self.nan_equal)


_FAMILY: Mapping[type, str] = {
    _NONE: "none",
    bool: "bool",
    **dict.fromkeys(NUMBERS, "number"),
    str: "text",
    bytes: "bytes",
    bytearray: "bytes",
    list: "list",
    tuple: "tuple",
    range: "range",
    **dict.fromkeys((set, frozenset, PlainSet), "set"),
    **dict.fromkeys((dict, PlainDict), "dict"),
    NdArray: "array",
}
_COMPARE: Mapping[str, Callable[[Equality, Any, Any, int], Difference | None]] = {
    "none": Equality._same,
    "bool": Equality._same,
    "number": Equality._number,
    "text": Equality._text,
    "bytes": Equality._same,
    "list": Equality._sequence,
    "tuple": Equality._sequence,
    "range": Equality._range,
    "set": Equality._set,
    "dict": Equality._dict,
    "array": Equality._array,
}


def with_text_keys(value: Value) -> Value:
    """A dictionary with its simple keys written as JSON writes keys; itself when that cannot be done."""
    by_text: dict[str, Value] = {}
    pairs = list(entries(value))
    for key, item in pairs:
        text = _text_key(key)
        if text is not None:
            by_text[text] = item
    return by_text if len(by_text) == len(pairs) else value


def _text_key(key: Value) -> str | None:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if (isinstance(key, int) and key.bit_length() <= _MAX_KEY_BITS) or isinstance(key, float):
        return repr(key)
    return None


def _easily_equal(actual: Sequence[Any], expected: Sequence[Any]) -> bool:
    kinds = set(map(type, actual)).union(map(type, expected))
    if not any(kinds <= easy for easy in _EASY) or list(actual) != list(expected):
        return False
    # An object that stands on both sides passes for equal, even nan.
    return float not in kinds or all(item == item for item in actual)


def _column(index: dict[bytes, tuple[Value, Value]], number: int) -> dict[bytes, Value]:
    return {key: pair[number] for key, pair in index.items()}
