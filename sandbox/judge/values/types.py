"""The values that the judge compares: Python's own plain ones, and stand-ins for those it must not rebuild.

A program chooses what it returns. Python's sets and dictionaries hash integers in a way that anyone can collide on
purpose, so a claimed set or dictionary stays what it was on the wire, a sequence. Dictionaries with string keys are
real ones, because the hash of a string is keyed by a secret of the process. Expected values may hold real sets and
dictionaries of any kind.

None of the stand-ins is equal to anything under `==`; comparing is what the comparators are for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

# None, bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, Decimal, Fraction,
# and the classes below. Whatever else arrives is treated as `Opaque` is.
Value: TypeAlias = object


@dataclass(frozen=True, slots=True, eq=False)
class PlainSet:
    """A set as it was claimed. Members may repeat, which changes nothing."""

    items: Sequence[Value]
    frozen: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PlainDict:
    """A dictionary whose keys are not all strings. A key that comes twice makes it equal to nothing."""

    pairs: Sequence[tuple[Value, Value]]


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Something that is not plain data, by the name of its type. It equals nothing, not even itself.

    `overrides`: the claim says that its class defines `__eq__` itself, which nobody asked.
    """

    type_name: str
    overrides: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class NdArray:
    """A numpy array without numpy: little-endian bytes in C order."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @property
    def kind(self) -> str:
        """One of b, i, u, f, c: bool, int, unsigned, float, complex."""
        return self.dtype[1]

    @property
    def size(self) -> int:
        """How many elements there are."""
        return len(self.data) // int(self.dtype[2:])

    def elements(self) -> Iterator[bool | int | float | complex]:
        """The elements in C order, one by one."""
        unpacked = struct.iter_unpack("<" + ARRAY_DTYPES[self.dtype], self.data)
        if self.kind == "c":
            return (complex(real, imaginary) for real, imaginary in unpacked)
        return (element for (element,) in unpacked)


# The dtypes that are read, with their `struct` codes.
ARRAY_DTYPES: Mapping[str, str] = {
    "|b1": "?",
    "|i1": "b",
    "|u1": "B",
    **{f"<i{size}": code for size, code in ((2, "h"), (4, "i"), (8, "q"))},
    **{f"<u{size}": code for size, code in ((2, "H"), (4, "I"), (8, "Q"))},
    **{f"<f{size}": code for size, code in ((2, "e"), (4, "f"), (8, "d"))},
    "<c8": "ff",
    "<c16": "dd",
}


@dataclass(frozen=True, slots=True)
class Raised:
    """The claim that the call raised an exception instead of returning."""

    type_name: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of the call that is judged, as the judge holds them; the program never had these objects."""

    args: Sequence[Value] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)


def members(value: Value) -> Iterable[Value]:
    """What a set holds, whichever of the classes it is."""
    if isinstance(value, PlainSet):
        return value.items
    assert isinstance(value, (set, frozenset))
    return value


def entries(value: Value) -> Iterable[tuple[Value, Value]]:
    """The pairs of a dictionary, whichever of the classes it is."""
    if isinstance(value, PlainDict):
        return value.pairs
    assert isinstance(value, dict)
    return value.items()
