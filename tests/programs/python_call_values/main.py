from decimal import Decimal
from fractions import Fraction

VALUES = {
    "tuple": (1, (2, [3])),
    "set": {3, 1, 2},
    "frozenset": frozenset("ab"),
    "bytes": b"\x00\xff",
    "complex": 1 - 2j,
    "big": 2**100,
    "inf": [float("inf"), -float("inf")],
    "keys": {1: "one", (2, 3): None},
    "nested": {"a": [{"b": ({"c": [None, True]},)}]},
    "decimal": Decimal("1.50"),
    "fraction": Fraction(1, 3),
    "text": "ż\x00\U0001f600",
    "none": None,
}


def pick(name):
    return VALUES[name]
