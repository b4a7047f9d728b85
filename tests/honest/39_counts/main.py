from collections import Counter, defaultdict, namedtuple
from enum import IntEnum

Point = namedtuple("Point", "x y")


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Names(defaultdict):
    def __missing__(self, key):
        self[key] = [1]
        return self[key]


def look(text):
    names = Names()
    names["c"]
    return [Counter(text), Colour.RED, Point(1, 2), names]
