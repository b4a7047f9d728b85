"""One change to the arguments of a call, and to single numbers and strings.

number    one more, one less, 0, its negative, a large one; a float stays a float
string    empty, doubled, reversed, one character less
list      one member less, permuted, doubled; tuples and sets, too
bool      the other one
"""

from __future__ import annotations

import json
from math import isfinite
from random import Random
from typing import Any

# Large for what most problems allow, and few enough turns of a loop to come to an end.
LARGE = 10**6
# Python neither reads nor writes integers of many more digits.
_MOST_BITS = 8192
# Tags of plain JSON whose body is a list of members.
_LISTS = ("$tuple", "$set", "$frozenset")


def changed_arguments(text: str, random: Random) -> str:
    """A JSON array of arguments with one change inside one of them; itself where there is nothing to change."""
    try:
        arguments = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return text
    if not isinstance(arguments, list):
        return text
    # What may be changed: where it stands, and under which name or number. The array itself keeps its length.
    places: list[tuple[Any, Any]] = []
    waiting: list[tuple[Any, Any]] = [(arguments, place) for place in range(len(arguments))]
    while waiting:
        holder, place = waiting.pop()
        value = holder[place]
        if isinstance(value, dict):
            waiting += [(value, key) for key in value if not key.startswith("$") or key in _LISTS]
        elif value is not None:
            places.append((holder, place))
            if isinstance(value, list):
                waiting += [(value, inner) for inner in range(len(value))]
    if not places:
        return text
    holder, place = random.choice(places)
    holder[place] = _changed(holder[place], random)
    try:
        return json.dumps(arguments)
    except (ValueError, RecursionError):
        return text


def changed_number(number: int | float, random: Random) -> int | float:
    """One of the numbers near it, or at the ends of what it might be."""
    if isinstance(number, float) and not isfinite(number):
        return 0.0
    if isinstance(number, int) and number.bit_length() > _MOST_BITS:
        return 0
    changed = random.choice((number + 1, number - 1, 0, -number, LARGE, -LARGE))
    return float(changed) if isinstance(number, float) else changed


def changed_string(text: str, random: Random) -> str:
    """One of the strings that it easily becomes."""
    cut = random.randrange(len(text)) if text else 0
    return random.choice(("", text * 2, text[::-1], text[:cut] + text[cut + 1 :]))


def _changed(value: Any, random: Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return changed_number(value, random)
    if isinstance(value, str):
        return changed_string(value, random)
    return _changed_list(value, random)


def _changed_list(value: list[Any], random: Random) -> list[Any]:
    cut = random.randrange(len(value)) if value else 0
    return random.choice((value[:cut] + value[cut + 1 :], random.sample(value, len(value)), value * 2))
