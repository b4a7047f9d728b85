"""What it costs that test code has a jail of its own: the same asserts, lifted out of their code and split from it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Generator, Iterator

from bench.bars import Bar
from bench.costs import Meter
from bench.format import figure, spread
from bench.model import Progress, Section, Settings, take_turns
from bench.sections.python import FLYING
from bench.serving import server
from bench.streaming import Streamed, stub, warm_up
from sandbox.v1 import reward_pb2

_BAR = 3.0
_SOURCE = """
def solve(words, shortest):
    counts = {}
    for word in words:
        if len(word) >= shortest:
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
"""
# As many as a problem of HumanEval has.
_ASSERTS = 7
_CASES = "\n".join(
    f"    assert candidate({['ab', 'abc', 'abc', 'd' * n]!r}, {n}) == "
    f"{[(w, c) for w, c in (('abc', 2), ('ab', 1), ('d' * n, 1)) if len(w) >= n]!r}"
    for n in range(1, _ASSERTS + 1)
)
_LIFTED = f"def check(candidate):\n{_CASES}\n"
# A loop around them is all that it takes.
_SPLIT = "def check(candidate):\n    for _ in range(int(len('x'))):\n" + "\n".join(
    f"    {line}" for line in _CASES.splitlines()
)


def levels(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """One table: problems per second at each level of integrity."""
    with server(settings.cells) as served, stub(served) as connection:
        meter, flying = Meter.of(served.pid), FLYING * settings.cells
        ways = {"isolated (lifted asserts)": _LIFTED, "split (a jail for the test code)": _SPLIT}
        variants = [
            warm_up(Streamed(name, "python", 1, "default", flying, connection, meter, _requests(code)))
            for name, code in ways.items()
        ]
        isolated, split = take_turns(variants, settings, progress)
    section = Section("integrity levels, problems of 7 asserts", ("", "problems/s", "min … max", "× isolated"))
    for each in (isolated, split):
        row = (each.name, figure(each.rate), spread(each.rates), figure(each.times(isolated)))
        section.rows.append(row)
        section.data[each.name] = each.data()
    section.bars.append(Bar.at_most("time for a problem, split / isolated", isolated.times(split), _BAR))
    yield section


def _requests(code: str) -> Callable[[], Iterator[reward_pb2.StreamRequest]]:
    def make() -> Iterator[reward_pb2.StreamRequest]:
        mark = os.urandom(8).hex()
        for number in itertools.count():
            request = reward_pb2.StreamRequest()
            request.score.program.language = "python"
            request.score.program.entry_point = "solve"
            request.score.program.source = f"# {mark} {number}\n{_SOURCE}"
            request.score.tests.add().asserts.code = code
            yield request

    return make
