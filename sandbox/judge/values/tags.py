"""From JSON to values: what each tagged object means, and everything that is refused on the way."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from math import prod
from typing import Any

from .bounds import Bounds
from .malformed import MalformedValue
from .types import ARRAY_DTYPES, NdArray, Opaque, PlainDict, PlainSet, Value

_HEX = re.compile(r"-?0x[0-9a-f]+", re.ASCII)
_DECIMAL = re.compile(
    r"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(E[+-]?[0-9]{1,9})?|Inf(inity)?|s?NaN[0-9]*)", re.ASCII | re.IGNORECASE
)
_RANGE_BITS = 4096
_MAX_DIMENSIONS = 64
_NAME_LENGTH = 200
_NONE = type(None)
_NOTHING_TO_CHECK = frozenset({int, bool, _NONE})
_HASHABLE = frozenset({int, bool, _NONE, str, float, complex, bytes, Decimal, Fraction, range})


class Builder:
    """Builds one value within bounds; `build` is its only door."""

    def __init__(self, bounds: Bounds, opaque: bool) -> None:
        self._bounds = bounds
        self._nodes_left = bounds.max_nodes - 1
        self._zeros_left = bounds.max_bytes
        self._opaque_allowed = opaque

    def build(self, raw: object) -> Value:
        """The value of a whole JSON document."""
        return self._value(raw, 0)

    # Each level of nesting takes at most three frames of Python here, so that the deepest value fits on any stack.

    def _value(self, raw: Any, depth: int) -> Value:
        kind = type(raw)
        if kind is list:
            return self._items(raw, depth)
        if kind is dict:
            for key in raw:
                if key[:1] == "$":
                    return _reader(raw, key)(self, raw[key], depth)
                self._check_text(key)
            self._enter(depth, len(raw))
            return dict(zip(raw, map(self._value, raw.values(), repeat(depth + 1)), strict=False))
        if kind is str:
            self._check_text(raw)
        elif kind is float and raw - raw != 0.0:
            raise MalformedValue("a number beyond the range of floats")
        return raw

    def _items(self, raw: list[Any], depth: int) -> list[Value]:
        self._enter(depth, len(raw))
        if set(map(type, raw)) <= _NOTHING_TO_CHECK:
            return raw
        return list(map(self._value, raw, repeat(depth + 1)))

    def _check_text(self, text: str) -> None:
        if len(text) > self._bounds.max_text:
            raise MalformedValue(f"a string of {len(text)} characters, at most {self._bounds.max_text} are read")

    def _enter(self, depth: int, nodes: int) -> None:
        if depth >= self._bounds.max_depth:
            raise MalformedValue(f"nested more than {self._bounds.max_depth} deep")
        self._count(nodes)

    def _count(self, nodes: int) -> None:
        self._nodes_left -= nodes
        if self._nodes_left < 0:
            raise MalformedValue(f"more than {self._bounds.max_nodes} values")

    # One reader for each tag.

    def _int(self, body: Any, depth: int) -> int:
        return int(_matching(body, _HEX, "$int", '"0x1f"'), 16)

    def _float(self, body: Any, depth: int) -> float:
        if body not in ("inf", "-inf", "nan"):
            raise _wrong("$float", '"inf", "-inf" or "nan"')
        return float(body)

    def _complex(self, body: Any, depth: int) -> complex:
        parts = [self._part(part) for part in _of_length(body, 2, "$complex", "[re, im]")]
        return complex(*parts)

    def _part(self, raw: Any) -> float:
        number = self._number(raw, "$complex", "[re, im]")
        if type(number) is int and abs(number) >> 53 == 0:
            return float(number)
        if type(number) is not float:
            raise _wrong("$complex", "two floats")
        return number

    def _number(self, raw: Any, tag: str, shape: str) -> Value:
        if type(raw) is list or (type(raw) is dict and not raw.keys() & {"$int", "$float"}):
            raise _wrong(tag, shape)
        return self._value(raw, 0)

    def _bytes(self, body: Any, depth: int) -> bytes:
        return _base64(body, "$bytes")

    def _bytearray(self, body: Any, depth: int) -> bytearray:
        return bytearray(_base64(body, "$bytearray"))

    def _tuple(self, body: Any, depth: int) -> tuple[Value, ...]:
        return tuple(self._items(_list(body, "$tuple"), depth))

    def _set(self, body: Any, depth: int) -> PlainSet:
        return PlainSet(_hashable(self._items(_list(body, "$set"), depth), "$set"))

    def _frozenset(self, body: Any, depth: int) -> PlainSet:
        return PlainSet(_hashable(self._items(_list(body, "$frozenset"), depth), "$frozenset"), frozen=True)

    def _dict(self, body: Any, depth: int) -> PlainDict:
        pairs = [_of_length(pair, 2, "$dict", "[[key, value], ...]") for pair in _list(body, "$dict")]
        self._enter(depth, 2 * len(pairs))
        keys = list(map(self._value, (key for key, _ in pairs), repeat(depth + 1)))
        values = map(self._value, (value for _, value in pairs), repeat(depth + 1))
        return PlainDict(list(zip(_hashable(keys, "$dict"), values, strict=True)))

    def _decimal(self, body: Any, depth: int) -> Decimal:
        text = _matching(body, _DECIMAL, "$decimal", '"1.50"')
        zeros = abs(int(text.upper().partition("E")[2] or "0")) if text[-1:].isdigit() else 0
        if max(len(text), zeros) > self._bounds.max_digits:
            raise MalformedValue(f"a $decimal of more than {self._bounds.max_digits} digits")
        # Comparing writes exponents out, so all of them together are bounded as the text is that could hold them.
        self._zeros_left -= zeros
        if self._zeros_left < 0:
            raise MalformedValue(f"$decimal exponents of more than {self._bounds.max_bytes} digits together")
        return Decimal(text)

    def _fraction(self, body: Any, depth: int) -> Fraction:
        parts = [_matching(part, _HEX, "$fraction", '["0x1", "0x3"]') for part in _of_length(body, 2, "$fraction", "")]
        if max(map(len, parts)) > self._bounds.max_digits:
            raise MalformedValue(f"a $fraction of more than {self._bounds.max_digits} digits")
        numerator, denominator = (int(part, 16) for part in parts)
        if denominator == 0:
            raise MalformedValue("a $fraction over zero")
        return Fraction(numerator, denominator)

    def _range(self, body: Any, depth: int) -> range:
        shape = "[start, stop, step]"
        numbers = [self._number(part, "$range", shape) for part in _of_length(body, 3, "$range", shape)]
        start, stop, step = map(_range_part, numbers)
        if step == 0:
            raise MalformedValue("a $range whose step is zero")
        return range(start, stop, step)

    def _ndarray(self, body: Any, depth: int) -> NdArray:
        if not isinstance(body, dict) or body.keys() != {"dtype", "shape", "data"}:
            raise _wrong("$ndarray", '{"dtype", "shape", "data"}')
        dtype, shape = body["dtype"], body["shape"]
        if not isinstance(dtype, str) or dtype not in ARRAY_DTYPES:
            raise MalformedValue(f"an $ndarray's dtype is one of {', '.join(ARRAY_DTYPES)}")
        if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
            raise _wrong("$ndarray", "a list of dimensions as its shape")
        if not all(type(length) is int and 0 <= length < 1 << 63 for length in shape):
            raise _wrong("$ndarray", "dimensions that are not negative")
        data = _base64(body["data"], "$ndarray")
        if prod(shape) * int(dtype[2:]) != len(data):
            raise MalformedValue(f"an $ndarray whose {len(data)} bytes do not fill its shape")
        array = NdArray(dtype, tuple(shape), data)
        self._count(array.size)
        return array

    def _opaque(self, body: Any, depth: int) -> Opaque:
        if not isinstance(body, str):
            raise _wrong("$opaque", "the name of a type")
        if not self._opaque_allowed:
            raise MalformedValue("$opaque equals nothing, so it cannot be expected or passed")
        return Opaque(body[:_NAME_LENGTH])

    def _handle(self, body: Any, depth: int) -> Value:
        raise MalformedValue("$handle is reserved")


_READERS: Mapping[str, Callable[[Builder, Any, int], Value]] = {
    "$" + name: getattr(Builder, "_" + name)
    for name in (
        *("int", "float", "complex", "decimal", "fraction", "bytes", "bytearray", "range", "ndarray"),
        *("tuple", "set", "frozenset", "dict", "opaque", "handle"),
    )
}


def _reader(raw: dict[str, Any], tag: str) -> Callable[[Builder, Any, int], Value]:
    if len(raw) > 1:
        raise MalformedValue(f"keys beside {_quote(tag)}")
    if tag not in _READERS:
        raise MalformedValue(f"no value is written {_quote(tag)}")
    return _READERS[tag]


def _quote(text: str) -> str:
    return ascii(text if len(text) <= 40 else text[:40] + "...")


def _wrong(tag: str, shape: str) -> MalformedValue:
    return MalformedValue(f"{tag} takes {shape}")


def _list(body: Any, tag: str) -> list[Any]:
    if not isinstance(body, list):
        raise _wrong(tag, "a list")
    return body


def _of_length(body: Any, length: int, tag: str, shape: str) -> list[Any]:
    if not isinstance(body, list) or len(body) != length:
        raise _wrong(tag, shape or f"{length} items")
    return body


def _matching(body: Any, pattern: re.Pattern[str], tag: str, example: str) -> str:
    if not isinstance(body, str) or not pattern.fullmatch(body):
        raise _wrong(tag, f"text like {example}")
    return body


def _base64(body: Any, tag: str) -> bytes:
    try:
        return binascii.a2b_base64(body.encode("ascii"), strict_mode=True)
    except (AttributeError, ValueError):
        raise _wrong(tag, "base64") from None


def _range_part(part: Value) -> int:
    if type(part) is not int or part.bit_length() > _RANGE_BITS:
        raise _wrong("$range", f"three integers of at most {_RANGE_BITS} bits")
    return part


def _hashable(items: Sequence[Value], tag: str) -> Sequence[Value]:
    if not (set(map(type, items)) <= _HASHABLE or all(map(_is_hashable, items))):
        raise MalformedValue(f'lists, dictionaries and sets have no place in a {tag}; write {{"$tuple": [...]}}')
    return items


def _is_hashable(value: Value) -> bool:
    if type(value) is tuple:
        return all(map(_is_hashable, value))
    return type(value) in _HASHABLE or isinstance(value, Opaque) or (isinstance(value, PlainSet) and value.frozen)
