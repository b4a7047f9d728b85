"""Canonical bytes for values: two values are equal when, and only when, their bytes are.

Comparing sets and dictionaries needs hashing or sorting. A value's own hash can be collided on purpose, that of bytes
cannot, because the process keys it with a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from .numeric import is_nan
from .types import NdArray, PlainDict, PlainSet, Value

_Emit = Callable[[bytes], None]
# Beyond this exponent a Decimal is not written out; only a Decimal can be equal to it then.
_MAX_EXPONENT = 100_000
_LONGEST = 64


class EqualToNothing(Exception):
    """The value holds a nan, an opaque object or a key that comes twice."""


@dataclass(frozen=True, slots=True)
class Keys:
    """How values are told apart."""

    bool_is_int: bool = False
    nan_equal: bool = False
    tuple_is_list: bool = False
    any_order: bool = False

    def of(self, value: Value) -> bytes:
        """The bytes of one value, of a large one their digest; raises EqualToNothing."""
        parts: list[bytes] = []
        self._write(value, parts.append)
        key = b"".join(parts)
        # Members of members are not copied again on every level.
        return key if len(key) <= _LONGEST else b"#" + blake2b(key, digest_size=32).digest()

    def _write(self, value: Any, emit: _Emit) -> None:
        write = _WRITERS.get(type(value))
        if write is None:
            raise EqualToNothing
        write(self, value, emit)

    def _none(self, value: None, emit: _Emit) -> None:
        emit(b"n")

    def _bool(self, value: bool, emit: _Emit) -> None:
        if self.bool_is_int:
            return self._int(int(value), emit)
        return emit(b"t" if value else b"f")

    def _int(self, value: int, emit: _Emit) -> None:
        emit(b"i%b;" % _digits(value))

    def _float(self, value: float, emit: _Emit) -> None:
        if value - value == 0.0:
            return self._ratio(*value.as_integer_ratio(), emit)
        return self._infinite(value, emit)

    def _infinite(self, value: float | Decimal, emit: _Emit) -> None:
        if not is_nan(value):
            return emit(b"+" if value > 0 else b"-")
        if not self.nan_equal:
            raise EqualToNothing
        return emit(b"?")

    def _ratio(self, numerator: int, denominator: int, emit: _Emit) -> None:
        if denominator == 1:
            return self._int(numerator, emit)
        return emit(b"q%b/%b;" % (_digits(numerator), _digits(denominator)))

    def _fraction(self, value: Fraction, emit: _Emit) -> None:
        self._ratio(value.numerator, value.denominator, emit)

    def _decimal(self, value: Decimal, emit: _Emit) -> None:
        if not value.is_finite():
            return self._infinite(value, emit)
        if value and abs(value.adjusted()) > _MAX_EXPONENT:
            sign, digits, exponent = value.as_tuple()
            text = "".join(map(str, digits)).rstrip("0")
            return emit(b"d%d:%s:%d;" % (sign, text.encode(), int(exponent) + len(digits) - len(text)))
        return self._ratio(*value.as_integer_ratio(), emit)

    def _complex(self, value: complex, emit: _Emit) -> None:
        if value.imag == 0:
            return self._float(value.real, emit)
        emit(b"c")
        self._float(value.real, emit)
        return self._float(value.imag, emit)

    def _text(self, value: str, emit: _Emit) -> None:
        data = value.encode("utf-8", "surrogatepass")
        emit(b"s%d:" % len(data))
        emit(data)

    def _bytes(self, value: bytes | bytearray, emit: _Emit) -> None:
        emit(b"b%d:" % len(value))
        emit(bytes(value))

    def _range(self, value: range, emit: _Emit) -> None:
        emit(b"r%x,%x,%x;" % canonical_range(value))

    # Each level of nesting takes at most three frames of Python here, so that the deepest value fits on any stack.

    def _sequence(self, value: list[Value] | tuple[Value, ...], emit: _Emit) -> None:
        as_list = self.tuple_is_list or self.any_order or type(value) is list
        emit((b"[%d:" if as_list else b"(%d:") % len(value))
        if self.any_order:
            for key in sorted(map(self.of, value)):
                emit(key)
        else:
            for item in value:
                self._write(item, emit)

    def _set(self, value: set[Value] | frozenset[Value] | PlainSet, emit: _Emit) -> None:
        items: Iterable[Value] = value.items if isinstance(value, PlainSet) else value
        keys = sorted(set(map(self.of, items)))
        emit(b"{%d:" % len(keys))
        for key in keys:
            emit(key)

    def _dict(self, value: dict[Value, Value] | PlainDict, emit: _Emit) -> None:
        by_key = self.index(value.pairs if isinstance(value, PlainDict) else value.items())
        emit(b"<%d:" % len(by_key))
        for key in sorted(by_key):
            emit(key)
            self._write(by_key[key][1], emit)

    def index(self, pairs: Iterable[tuple[Value, Value]]) -> dict[bytes, tuple[Value, Value]]:
        """The pairs of a dictionary by the bytes of their keys; raises EqualToNothing when a key comes twice."""
        by_key: dict[bytes, tuple[Value, Value]] = {}
        for pair in pairs:
            key = self.of(pair[0])
            if key in by_key:
                raise EqualToNothing
            by_key[key] = pair
        return by_key

    def _ndarray(self, value: NdArray, emit: _Emit) -> None:
        emit(b"a%d:" % len(value.shape))
        for length in value.shape:
            emit(b"%d;" % length)
        for element in value.elements():
            self._write(element, emit)


def _digits(number: int) -> bytes:
    """The digits, or a digest of very many: "1e308" and "1E+4300" are short texts of long integers."""
    text = b"%x" % number
    return text if len(text) <= _LONGEST else b"#" + blake2b(text, digest_size=32).digest()


def canonical_range(value: range) -> tuple[int, int, int]:
    """Length, start and step, of which Python compares no more than the length leaves."""
    start, stop, step = value.start, value.stop, value.step
    length = max(0, (stop - start + step - (1 if step > 0 else -1)) // step)
    if length == 0:
        return 0, 0, 0
    return length, start, step if length > 1 else 0


_WRITERS: Mapping[type, Callable[[Keys, Any, _Emit], None]] = {
    type(None): Keys._none,
    bool: Keys._bool,
    int: Keys._int,
    float: Keys._float,
    complex: Keys._complex,
    Decimal: Keys._decimal,
    Fraction: Keys._fraction,
    str: Keys._text,
    bytes: Keys._bytes,
    bytearray: Keys._bytes,
    range: Keys._range,
    list: Keys._sequence,
    tuple: Keys._sequence,
    set: Keys._set,
    frozenset: Keys._set,
    dict: Keys._dict,
    PlainSet: Keys._set,
    PlainDict: Keys._dict,
    NdArray: Keys._ndarray,
}
