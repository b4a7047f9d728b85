"""Plain JSON, at the program's end of the road: Python values to text and back.

JSON as it is, and one-key objects whose key starts with "$" for what JSON cannot say:

    {"$int": "0x1f"}  {"$float": "inf"}  {"$complex": [re, im]}  {"$decimal": "1.50"}  {"$fraction": ["0x1", "0x3"]}
    {"$bytes": "aGk="}  {"$bytearray": "aGk="}  {"$range": [start, stop, step]}
    {"$tuple": [...]}  {"$set": [...]}  {"$frozenset": [...]}  {"$dict": [[key, value], ...]}
    {"$ndarray": {"dtype": "<f8", "shape": [2, 3], "data": "<base64, C order>"}}
    {"$opaque": "type name"}    what is not plain data; it equals nothing. With "overrides": ["__eq__"] beside it where
                                its class says itself what it equals

A dictionary whose keys are strings that do not start with "$" is an object. Integers below 2**63 are JSON integers, and
floats always have a "." or an "e". Strings are ASCII with escapes, so that a lone surrogate survives; two of them that
make a pair arrive as the one character that the pair means.

Subclasses are written as their base type and read through the base type's own methods: what a program overrides is not
asked. Still, this runs beside the program: the text is a claim, and whoever reads it checks it. The imports are bound
when the module loads, before any program; a file `json.py` of the program cannot take their place.
"""

from __future__ import annotations

import binascii
import json
import sys

TYPE_CHECKING = False  # the jail does without `typing`
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 200
_WORD = 1 << 63
_NAME_LENGTH = 200
_JUST_JSON = frozenset({str, bool, type(None)})
_ARRAY_KINDS = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "c": (8, 16)}

# Read through `type` itself: a metaclass may give its classes other answers.
_name_of = type.__dict__["__name__"].__get__
_bases_of = type.__dict__["__mro__"].__get__
_members_of = type.__dict__["__dict__"].__get__
# What C types have in the place of methods.
_SLOT = type(object.__eq__)

_to_text = json.JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode


def encode(value: object) -> str:
    """Writes any value as one line of ASCII; what is not plain data becomes `$opaque`."""
    return Encoder().encode(value)


def read_also(readers: dict[str, Any]) -> None:
    """Teaches `decode` further tags, for the rest of this process."""
    _READERS.update(readers)


def decode(text: str) -> Any:
    """Reads text that `encode` wrote. For text from a program use the judge's reader, which trusts nothing."""
    raw = json.loads(text)
    return _build(raw) if "$" in text or "\\u0024" in text else raw


class Encoder:
    """Turns values into what the JSON encoder can write. Used once; a subclass may know further types."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._overriding: dict[int, bool] = {}

    def encode(self, value: object) -> str:
        """The whole value as text."""
        return _to_text(self.walk(value, 0))

    def walk(self, value: Any, depth: int) -> object:
        """The JSON form of one value that lies inside `depth` containers."""
        kind = type(value)
        if kind is str or kind is bool or value is None:
            return value
        if kind not in _SCALARS and kind not in _CONTAINERS:
            kind = self.base(kind)
        if kind in _SCALARS:
            return _SCALARS[kind](value)
        if kind is object:
            return self.other(value, depth)
        if depth >= MAX_DEPTH:
            return opaque("too deep")
        mark = id(value)
        if mark in self._open:
            return opaque("cycle")
        self._open.add(mark)
        tag, contents = _CONTAINERS[kind]
        built = self.items(contents(value), depth + 1)
        if kind is dict:
            built = self._pairs(list(dict.keys(value)), built, depth + 1)
        elif tag:
            built = {tag: built}
        self._open.discard(mark)
        return built

    def base(self, kind: type) -> type:
        """The built-in type that a class derives from; `object` when there is none."""
        for base in _bases_of(kind):
            if base in _SCALARS or base in _CONTAINERS:
                found: type = base
                return found
        return object

    def items(self, values: Any, depth: int) -> Any:
        """The JSON forms of the values of a list or tuple; itself when there is nothing to change."""
        kinds = set(map(type, values))
        if kinds <= _JUST_JSON:
            return values
        if kinds == {int} and min(values) > -_WORD and max(values) < _WORD:
            return values
        if kinds == {float}:
            total = sum(values)
            if total - total == 0.0:  # neither inf nor nan is in there
                return values
        return [self.walk(value, depth) for value in values]

    def other(self, value: Any, depth: int) -> object:
        """The JSON form of a value of no built-in type."""
        bases = _bases_of(type(value))
        number = _library_number(value, bases)
        if number is not None:
            return number
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            if any(base is getattr(numpy, "generic", None) for base in bases):
                item = value.item()
                if type(item) in _SCALARS or type(item) is bool:
                    return self.walk(item, depth)
            elif any(base is getattr(numpy, "ndarray", None) for base in bases):
                return _ndarray(numpy.asarray(value))
        return opaque(_name_of(type(value)), self._overrides_equality(type(value)))

    def _overrides_equality(self, kind: type) -> bool:
        """Whether a class defines `__eq__` in Python. Looked up once for each, and nothing of the class is asked."""
        found = self._overriding.get(id(kind))
        if found is None:
            found = self._overriding[id(kind)] = _equality_of(kind) is not _SLOT
        return found

    def _pairs(self, keys: list[Any], values: list[Any], depth: int) -> object:
        if all(type(key) is str and key[:1] != "$" for key in keys):
            return dict(zip(keys, values, strict=True))
        return {"$dict": list(zip(self.items(keys, depth), values, strict=True))}


def _equality_of(kind: type) -> type:
    """The type of a class's `__eq__`. Members are gone through, not looked up: their names may be of any type."""
    for base in _bases_of(kind):
        for name, member in _members_of(base).items():
            if type(name) is str and name == "__eq__":
                return type(member)
    return _SLOT


def opaque(name: str, overrides: bool = False) -> dict[str, object]:
    """What stands for a value that is not plain data."""
    written: dict[str, object] = {"$opaque": name[:_NAME_LENGTH]}
    if overrides:
        written["overrides"] = ["__eq__"]
    return written


def _int(value: int) -> object:
    number = int.__int__(value)
    return number if -_WORD < number < _WORD else {"$int": hex(number)}


def _str(value: str) -> object:
    return str.__str__(value)


def _float(value: float) -> object:
    number = float.__float__(value)
    return number if number - number == 0.0 else {"$float": float.__repr__(number)}


def _complex(value: complex) -> object:
    number = complex.__pos__(value)
    return {"$complex": [_float(number.real), _float(number.imag)]}


def _base64(data: Any) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _bytes(value: bytes) -> object:
    return {"$bytes": _base64(bytes.__getitem__(value, slice(None)))}


def _bytearray(value: bytearray) -> object:
    return {"$bytearray": _base64(bytearray.__getitem__(value, slice(None)))}


def _range(value: range) -> object:
    return {"$range": [_int(value.start), _int(value.stop), _int(value.step)]}


def _list(value: list[Any]) -> list[Any]:
    return value if type(value) is list else list(list.__iter__(value))


_SCALARS: dict[type, Any] = {
    int: _int,
    str: _str,
    float: _float,
    complex: _complex,
    bytes: _bytes,
    bytearray: _bytearray,
    range: _range,
}
# Of each container: its tag, and how its contents are read.
_CONTAINERS: dict[type, Any] = {
    list: ("", _list),
    tuple: ("$tuple", lambda value: list(tuple.__iter__(value))),
    set: ("$set", lambda value: list(set.__iter__(value))),
    frozenset: ("$frozenset", lambda value: list(frozenset.__iter__(value))),
    dict: ("$dict", lambda value: list(dict.values(value))),
}


def _library_number(value: Any, bases: tuple[type, ...]) -> object:
    """The form of a Decimal or a Fraction, or None; a value of either type exists only when its module is loaded."""
    decimal = getattr(sys.modules.get("decimal"), "Decimal", None)
    fraction = getattr(sys.modules.get("fractions"), "Fraction", None)
    for base in bases:
        if base is decimal:
            return {"$decimal": str(base.__str__(value))}
        if base is fraction:
            return {"$fraction": [hex(base.numerator.__get__(value)), hex(base.denominator.__get__(value))]}
    return None


def _ndarray(array: Any) -> object:
    dtype = array.dtype
    if dtype.itemsize not in _ARRAY_KINDS.get(dtype.kind, ()):
        return opaque("ndarray of " + str(dtype))
    little = dtype.newbyteorder("<")
    data = array.astype(little, copy=False).tobytes("C")
    return {"$ndarray": {"dtype": little.str, "shape": list(array.shape), "data": _base64(data)}}


def _build(raw: Any) -> Any:
    if type(raw) is list:
        return list(map(_build, raw))
    if type(raw) is not dict:
        return raw
    if len(raw) == 1:
        ((tag, body),) = raw.items()
        if tag[:1] == "$":
            if tag not in _READERS:
                raise ValueError("no plain value is written as " + repr(tag[:_NAME_LENGTH]))
            return _READERS[tag](body)
    return dict(zip(raw, map(_build, raw.values()), strict=True))


def _read_decimal(body: str) -> object:
    from decimal import Decimal

    return Decimal(body)


def _read_fraction(body: list[str]) -> object:
    from fractions import Fraction

    return Fraction(int(body[0], 16), int(body[1], 16))


def _read_ndarray(body: dict[str, Any]) -> object:
    import numpy  # the program's own; the trainer sends arrays only to programs that use it

    dtype = numpy.dtype(body["dtype"])
    if dtype.itemsize not in _ARRAY_KINDS.get(dtype.kind, ()):
        raise ValueError("no array of this dtype is plain")
    array = numpy.frombuffer(binascii.a2b_base64(body["data"]), dtype)
    return array.reshape(body["shape"]).copy()


_READERS: dict[str, Any] = {
    "$int": lambda body: int(body, 16),
    "$float": float,
    "$complex": lambda body: complex(_build(body[0]), _build(body[1])),
    "$bytes": binascii.a2b_base64,
    "$bytearray": lambda body: bytearray(binascii.a2b_base64(body)),
    "$range": lambda body: range(*_build(body)),
    "$tuple": lambda body: tuple(map(_build, body)),
    "$set": lambda body: set(map(_build, body)),
    "$frozenset": lambda body: frozenset(map(_build, body)),
    "$dict": lambda body: {_build(pair[0]): _build(pair[1]) for pair in body},
    "$decimal": _read_decimal,
    "$fraction": _read_fraction,
    "$ndarray": _read_ndarray,
}
