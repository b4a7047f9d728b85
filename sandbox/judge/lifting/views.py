"""What a test does to a returned value before it compares.

Examples are `set(f(x)) == ...`, `abs(f(x) - 1.5) < ...` and `f(x)[0] == ...`. The value came out of the candidate's
jail and is plain data by now, but its author may still want to keep the judge busy; so every view here takes about as
long as reading the value, or sorting it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# More different values than this with one and the same hash are an attack on the hash table, not an answer.
MAX_SAME_HASH = 64
# A range is a short text, too; going through it is not short.
MAX_ITERATED = 1_000_000
# Decimal("1e999999999") is a short text; the integer of that value is not.
MAX_DECIMAL_EXPONENT = 4300


@dataclass(frozen=True, slots=True)
class View:
    """One step from a value to what a test looks at. `argument` is a literal, used by `round`, `item` and `minus`.

    The names are Python's own, and item: value[argument], minus: value − argument, minus_from: argument − value.
    """

    name: str
    argument: object = None


def look(value: object, views: tuple[View, ...]) -> object:
    """What the views show of a value. Raises what Python would raise."""
    for view in views:
        value = VIEWS[view.name](value, view.argument)
    return value


def walkable(value: Any) -> Any:
    """The value, unless it is a range that nobody should go through: OverflowError."""
    if isinstance(value, range) and len(value) > MAX_ITERATED:
        raise OverflowError("too long to go through")
    return value


def refuse_collisions(items: Iterable[object]) -> None:
    """ValueError when a set of these items would take quadratic time. TypeError when one cannot be hashed."""
    kept = list(items)
    counts: dict[int, int] = {}
    for item in kept:
        mark = hash(item)
        counts[mark] = counts.get(mark, 0) + 1
    different: dict[int, set[object]] = {mark: set() for mark, count in counts.items() if count > MAX_SAME_HASH}
    for item in kept if different else ():
        same_hash = different.get(hash(item))
        if same_hash is None:
            continue
        same_hash.add(item)
        if len(same_hash) > MAX_SAME_HASH:
            raise ValueError("too many different values with the same hash")


def _set(value: Any, _: object) -> set[object]:
    if isinstance(value, (str, bytes)):
        return set(value)
    items = list(walkable(value))
    refuse_collisions(items)
    return set(items)


def _round(value: Any, digits: Any) -> Any:
    if isinstance(value, Decimal) and digits is None and value.is_finite() and value.adjusted() > MAX_DECIMAL_EXPONENT:
        raise OverflowError("too large to be rounded to an integer")
    return round(value) if digits is None else round(value, digits)


def _plain(function: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, _: function(value)


def _walking(function: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, _: function(walkable(value))


VIEWS: Mapping[str, Callable[[Any, Any], Any]] = {
    "set": _set,
    "frozenset": lambda value, _: frozenset(_set(value, None)),
    "sorted": _walking(sorted),
    "tuple": _walking(tuple),
    "list": _walking(list),
    "min": _walking(min),
    "max": _walking(max),
    "len": _plain(len),
    "abs": _plain(abs),
    "fabs": _plain(math.fabs),
    "round": _round,
    "item": lambda value, index: value[index],
    "minus": lambda value, other: value - other,
    "minus_from": lambda value, other: other - value,
}
# These only iterate, so an iterator serves as well as a list.
ITERATING = frozenset({"set", "frozenset", "sorted", "tuple", "list", "min", "max"})
