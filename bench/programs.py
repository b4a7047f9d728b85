"""Programs to run: each with a text that nobody has seen before, so that nothing of it can come from a cache."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass

from bench.problems import CASES, Case, problems

_COMMENT = {"python": "#", "cpp": "//"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program and the tests that it is run against, all of which it passes."""

    language: str
    source: str
    tests: tuple[Case, ...]


def programs(language: str, tests: int) -> Iterator[Program]:
    """Programs of `tests` tests, without end: the problems in turn, and their cases in turn."""
    mark = f"{_COMMENT[language]} {os.urandom(8).hex()}"
    for number in itertools.count():
        problem = problems()[number % len(problems())]
        first = number // len(problems()) * tests
        cases = tuple(problem.cases[(first + place) % CASES] for place in range(tests))
        yield Program(language, f"{mark} {number}\n{problem.sources[language]}", cases)
