"""The tiny task family: keep some numbers of a list, do something to each, and reduce what is left.

22 filters x 20 maps x 6 reductions are 2,640 functions that nobody has to write down. Tests are calls on lists that are
drawn for each task until its answers all differ, so that no fixed answer passes two of them.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

_KEPT = {
    "the even numbers": "v % 2 == 0",
    "the odd numbers": "v % 2 == 1",
    "the positive numbers": "v > 0",
    "the negative numbers": "v < 0",
    "all the numbers": "True",
    "the numbers that are not 0": "v != 0",
    "the numbers from -3 to 3": "-3 <= v <= 3",
    **{f"the multiples of {k}": f"v % {k} == 0" for k in (3, 4, 5)},
    **{f"the numbers above {k}": f"v > {k}" for k in range(1, 7)},
    **{f"the numbers below {k}": f"v < {k}" for k in range(1, 7)},
}
_EACH = {
    "keep each": "v",
    "square each": "v * v",
    "negate each": "-v",
    "take the absolute value": "abs(v)",
    **{f"add {k} to each": f"v + {k}" for k in range(1, 7)},
    **{f"subtract {k} from each": f"v - {k}" for k in range(1, 6)},
    **{f"multiply each by {k}": f"v * {k}" for k in range(2, 7)},
}
_RESULT = {
    "the sum": "sum(ys)",
    "how many": "len(ys)",
    "the largest or 0": "max(ys, default=0)",
    "the smallest or 0": "min(ys, default=0)",
    "them in order": "sorted(ys)",
    "them reversed": "ys[::-1]",
}
_TESTS = 4
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One function: a prompt that ends in its head, the body that is right, and calls with what they return."""

    id: str
    prompt: str
    body: str
    calls: tuple[tuple[list[int], object], ...]


def members() -> Iterator[Member]:
    """All of them for which tests can be drawn, in a fixed order."""
    for kept, each, result in product(_KEPT, _EACH, _RESULT):
        prompt = f"# keep {kept}, {each}, return {result}\ndef solve(xs):\n"
        text = body(_KEPT[kept], _EACH[each], _RESULT[result])
        name = hashlib.sha256(prompt.encode()).hexdigest()[:10]
        calls = _calls(prompt + text, random.Random(name))
        if calls is not None:
            yield Member(f"tiny/{name}", prompt, text, calls)


def body(kept: str, each: str, result: str) -> str:
    """The lines below the head of a function."""
    return f"    ys = [{each} for v in xs if {kept}]\n    return {result}\n"


def sloppy(member: Member, noise: float, rng: random.Random) -> str:
    """A body by a teacher who takes each of the three parts from another function with probability `noise`."""
    head, _, tail = member.body.partition(" for v in xs if ")
    kept, _, rest = tail.partition("]\n    return ")
    each, result = head.removeprefix("    ys = ["), rest.rstrip("\n")
    parts = [(kept, _KEPT), (each, _EACH), (result, _RESULT)]
    taken = [rng.choice([*known.values()]) if rng.random() < noise else right for right, known in parts]
    return body(*taken)


def _calls(source: str, rng: random.Random) -> tuple[tuple[list[int], object], ...] | None:
    """Lists and answers, of which no two are equal; None where 200 draws have no such four."""
    names: dict[str, object] = {}
    exec(compile(source, "tiny", "exec"), names)
    solve = names["solve"]
    assert callable(solve)
    found: dict[str, tuple[list[int], object]] = {}
    for _ in range(_DRAWS):
        given = [rng.randint(-9, 9) for _ in range(rng.randint(3, 12))]
        answer = solve(given)
        found.setdefault(json.dumps(answer), (given, answer))
        if len(found) == _TESTS:
            return tuple(found.values())
    return None
