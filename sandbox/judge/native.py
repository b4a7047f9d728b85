"""Decoded claims as Python's own values, for checks that mean Python's own operators. Linear, whatever is claimed."""

from __future__ import annotations

from sandbox.judge.lifting.views import refuse_collisions
from sandbox.judge.values.types import Opaque, PlainDict, PlainSet, Value


def to_python(value: Value) -> object:
    """The value with real sets and dictionaries; what cannot be built in bounded time is equal to nothing."""
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


def python_equal(actual: object, expected: object) -> bool:
    """Python's `==`. Both sides are plain data: no code of a program decides."""
    return bool(actual == expected)
