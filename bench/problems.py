"""Small contest problems: sources in `sources/`, inputs made up here, answers from a reference of their own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

_SOURCES = Path(__file__).parent / "sources"
CASES = 20


@dataclass(frozen=True, slots=True)
class Case:
    """What goes in, and what has to come out."""

    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem with its solution in each language."""

    name: str
    sources: dict[str, str]
    cases: tuple[Case, ...]


@lru_cache(maxsize=1)
def problems() -> tuple[Problem, ...]:
    """The same problems with the same cases in every run."""
    found = []
    for name, make in _MAKERS.items():
        dice = random.Random(name)
        sources = {language: (_SOURCES / f"{name}{suffix}").read_text() for language, suffix in SUFFIX.items()}
        found.append(Problem(name, sources, tuple(make(dice) for _ in range(CASES))))
    return tuple(found)


def _coins(dice: random.Random) -> Case:
    amount, coins = dice.randint(50, 200), sorted(dice.sample(range(2, 40), 5))
    reached, fewest = {0}, 0
    while amount not in reached and reached:
        reached = {total + coin for total in reached for coin in coins if total + coin <= amount}
        fewest += 1
    return Case(f"{len(coins)} {amount}\n{_line(coins)}", f"{fewest if reached else -1}\n")


def _maze(dice: random.Random) -> Case:
    size = dice.randint(8, 14)
    free = {(r, c) for r in range(size) for c in range(size) if dice.random() < 0.75}
    free |= {(0, 0), (size - 1, size - 1)}
    edge, seen, steps = {(0, 0)}, {(0, 0)}, 0
    while edge and (size - 1, size - 1) not in edge:
        edge = {(r + a, c + b) for r, c in edge for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))} & free - seen
        seen |= edge
        steps += 1
    rows = ("".join(".#"[(r, c) not in free] for c in range(size)) for r in range(size))
    return Case(f"{size} {size}\n" + "".join(f"{row}\n" for row in rows), f"{steps if edge else -1}\n")


def _pairs(dice: random.Random) -> Case:
    values, bound = [dice.randint(1, 1000) for _ in range(150)], dice.randint(500, 1500)
    count = sum(one + other <= bound for one, other in combinations(values, 2))
    return Case(f"{len(values)} {bound}\n{_line(values)}", f"{count}\n")


def _roads(dice: random.Random) -> Case:
    towns = dice.randint(15, 30)
    roads = [(dice.randint(1, towns), dice.randint(1, towns), dice.randint(1, 50)) for _ in range(2 * towns)]
    far = {1: 0}
    for _ in range(towns):
        for one, other, length in [*roads, *((b, a, length) for a, b, length in roads)]:
            if one in far:
                far[other] = min(far.get(other, 1 << 60), far[one] + length)
    answer = _line([far.get(town, -1) for town in range(1, towns + 1)])
    return Case(f"{towns} {len(roads)}\n" + "".join(map(_line, map(list, roads))), answer)


def _words(dice: random.Random) -> Case:
    known = ["".join(dice.choices("abcdefgh", k=dice.randint(2, 6))) for _ in range(15)]
    text = dice.choices(known, k=100)
    ranked = sorted(Counter(text).items(), key=lambda item: (-item[1], item[0]))
    written = " ".join(dice.choice((word, word.upper(), f"{word},")) for word in text)
    return Case(f"{written}.\n", "".join(f"{word} {count}\n" for word, count in ranked[:5]))


def _line(numbers: list[int]) -> str:
    return " ".join(map(str, numbers)) + "\n"


SUFFIX = {"python": ".py", "cpp": ".cpp"}
_MAKERS: dict[str, Callable[[random.Random], Case]] = {
    "coins": _coins,
    "maze": _maze,
    "pairs": _pairs,
    "roads": _roads,
    "words": _words,
}
