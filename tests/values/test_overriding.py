"""Which values are told of as comparing by methods of their own, though they are written plain."""

from __future__ import annotations

import functools
from collections import Counter, OrderedDict, defaultdict, namedtuple
from enum import IntEnum, StrEnum
from http import HTTPStatus
from typing import NamedTuple

import numpy
import pytest

from sandbox.jail.init import overriding, plain
from sandbox.judge.claims import claim_alarms, read_claims


class Always(int):
    def __eq__(self, other):
        return True


class Hashed(str):
    def __hash__(self):
        return 1


class Unequal(float):
    def __ne__(self, other):
        return False


class Ordered(list):
    def __lt__(self, other):
        return True


@functools.total_ordering
class Totally(tuple):
    def __gt__(self, other):
        return True


class Below(Always):
    pass


class OfCounter(Counter):
    def __eq__(self, other):
        return True


class Lazy(bytes):
    __eq__ = lambda self, other: True  # noqa: E731


class Forged(int):
    def __eq__(self, other):
        return True


Forged.__module__, Forged.__name__ = "collections", "Counter"


class Meta(type):
    @property
    def __mro__(cls):
        return (cls, int, object)

    @property
    def __dict__(cls):
        return {}


class Hidden(int, metaclass=Meta):
    def __eq__(self, other):
        return True


OVERRIDING = [
    Always(1),
    Hashed("x"),
    Unequal(1.5),
    Ordered([1]),
    Totally((1,)),
    Below(1),
    OfCounter("aab"),
    Lazy(b"x"),
    Forged(1),
    Hidden(1),
    [1, [Always(2)]],
    {"a": (Always(1),)},
    {Hashed("k"): 1},
]


class Plain(int):
    def __repr__(self):
        return "?"


class Listed(list):
    __slots__ = ("more",)


class Borrowing(int):
    __eq__ = int.__eq__
    __hash__ = int.__hash__


Colour = IntEnum("Colour", "RED BLUE")
Point = namedtuple("Point", "x y")


class Word(StrEnum):
    ONE = "one"


class Pair(NamedTuple):
    x: int


HARMLESS = [
    *(Plain(1), Listed([1]), Borrowing(1), Colour.RED, Point(1, 2), Word.ONE, Pair(1), HTTPStatus.OK),
    *(Counter("aab"), OrderedDict(a=1), defaultdict(int), numpy.float64(1.5), numpy.int64(1), numpy.array([1])),
    *(1, "x", [1.5, None, True], {"a": {1, 2}}, b"x", range(3)),
]


@pytest.mark.parametrize("value", OVERRIDING, ids=lambda value: type(value).__name__)
def test_it_is_told_and_the_value_written_plain(value):
    encoder = overriding.Encoder()
    assert encoder.encode(value) == plain.encode(value)
    assert encoder.overriding


@pytest.mark.parametrize("value", HARMLESS, ids=lambda value: type(value).__name__)
def test_what_python_and_its_library_compare_is_not_told(value):
    encoder = overriding.Encoder()
    encoder.encode([value, value])
    assert not encoder.overriding


def test_nothing_of_the_class_is_asked():
    asked = []

    class Name(str):
        def __eq__(self, other):
            asked.append(other)
            return True

        __hash__ = lambda self: hash("__eq__")  # noqa: E731

    kind = type("Odd", (int,), {Name("a"): 1, Name("b"): 2, Name("__module__"): "x"})
    asked.clear()
    encoder = overriding.Encoder()
    encoder.encode([kind(1), kind(2)])
    assert (encoder.overriding, asked) == (False, [])


@pytest.mark.parametrize(
    ("data", "alarms"),
    [
        (b"V 1\nV [2]\n", ()),
        (b"W 1\n", ("equality_override",)),
        (b"V 1\nW [2]\n", ("equality_override",)),
        (b'V "W 1"\nR ["E", "W "]\n', ()),
        (b'V {"$opaque": "T", "overrides": ["__eq__"]}\n', ("equality_override",)),
    ],
)
def test_a_claim_that_tells_of_it_raises_the_alarm(data, alarms):
    claims = read_claims(data, 2)
    assert claim_alarms(data, claims) == alarms


def test_a_claim_that_tells_of_it_is_the_value_itself():
    assert read_claims(b"W 5\nV 5\n", 2) == [5, 5]
