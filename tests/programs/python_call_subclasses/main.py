from collections import Counter, defaultdict, namedtuple

Point = namedtuple("Point", "x y")


def make(kind):
    if kind == "counter":
        return Counter("aab")
    if kind == "default":
        groups = defaultdict(list)
        groups["a"].append(1)
        return groups
    return Point(1, 2)
