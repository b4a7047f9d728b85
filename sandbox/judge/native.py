"""Decoded claims as Python's own values, for checks that mean Python's own operators. Linear, whatever is claimed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from sandbox.judge.lifting.views import refuse_collisions
from sandbox.judge.values.types import Opaque, PlainDict, PlainSet, Value

# Python compares an integer with a Decimal or a Fraction in the time of its length, squared or times theirs.
_LONG_BITS = 1 << 15
_SLOW = frozenset({Decimal, Fraction})
_NESTING = frozenset({list, tuple, dict, PlainSet, PlainDict})


def to_python(value: Value) -> object:
    """The value with real sets and dictionaries; what cannot be built or compared in bounded time equals nothing."""
    if type(value) in _NESTING and _is_slow_to_compare(value):
        return Opaque("a Decimal or Fraction beside a very long integer")
    try:
        return _convert(value)
    except (TypeError, ValueError):
        return Opaque("too many keys of one hash")


def _convert(value: Value) -> object:
    if type(value) is list:
        return [_convert(item) for item in value]
    if type(value) is tuple:
        return tuple([_convert(item) for item in value])
    if type(value) is dict:
        return {key: _convert(item) for key, item in value.items()}
    if isinstance(value, PlainSet):
        items = [_convert(item) for item in value.items]
        refuse_collisions(items)
        return frozenset(items) if value.frozen else set(items)
    if isinstance(value, PlainDict):
        keys = [_convert(key) for key, _ in value.pairs]
        refuse_collisions(keys)
        return dict(zip(keys, [_convert(item) for _, item in value.pairs], strict=True))
    return value


def _is_slow_to_compare(value: Value) -> bool:
    """Whether sorting it, or hashing its parts into a set, may compare a long integer with a Decimal or a Fraction."""
    levels: list[Sequence[Value]] = []
    level: Sequence[Value] = [value]
    slow = False
    while level:
        kinds = set(map(type, level))
        slow = slow or not kinds.isdisjoint(_SLOW)
        if int in kinds:
            levels.append(level)
        level = [] if kinds.isdisjoint(_NESTING) else [part for item in level for part in _parts(item)]
    return slow and any(type(item) is int and item.bit_length() > _LONG_BITS for level in levels for item in level)


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, PlainSet):
        return value.items
    return [part for pair in value.pairs for part in pair] if isinstance(value, PlainDict) else ()


def python_equal(actual: object, expected: object) -> bool:
    """Python's `==`. Both sides are plain data: no code of a program decides."""
    return bool(actual == expected)
