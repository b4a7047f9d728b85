"""A session in the place of the real one: its cells run nothing, and end when and how a test says."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from sandbox.catalog import Catalog
from sandbox.jail.cell import Cell
from sandbox.judge.helper import Deciding
from sandbox.judge.session import Helper, Ready
from sandbox.model.limits import Limits
from sandbox.model.outcome import End, Ended
from sandbox.model.plan import CellPlan, File, TestPlan
from sandbox.planner import Planner

ENDED = Ended(End.EXIT, 0, 0, 10.0, 20.0, 1 << 20, False, 0.0, b"", b"", 0, 0)
LIMITS = Limits(1000, 2000, 1 << 26, 8, 1 << 20, 1 << 20, 1 << 22, 64, 1 << 20)
JUDGE_LIMITS = replace(LIMITS, cpu_time_ms=3000, wall_time_ms=6000)
_CATALOG = Catalog()
PYTHON = _CATALOG.runtime("python")
BUILT = _CATALOG.runtimes["c"].table
PLAN = Planner().judge(PYTHON, _CATALOG.policy(""), "main.py")


def deciding(protocol: str) -> Deciding:
    """A Python helper, which no test here runs."""
    return Deciding(Helper(PYTHON, (File("main.py", b""),), "main.py"), protocol, ())


def end(text: str) -> Ended:
    """An end as the tables write it: "exit 1", "signal 13", "cpu", "wall", "oom", "starved"."""
    word, _, number = text.partition(" ")
    if word == "exit":
        return replace(ENDED, exit_code=int(number))
    if word == "signal":
        return replace(ENDED, exit_code=None, signal=int(number))
    kind = End.WALL if word == "starved" else End(word)
    return replace(ENDED, end=kind, exit_code=None, signal=9, runnable_ms=15.0 if word == "starved" else 0.0)


@dataclass
class Party:
    """A cell that runs nothing: its runs end in the order of `ends`, or, without any, when a test says so."""

    ends: Sequence[Ended] = ()

    def __post_init__(self) -> None:
        self.plans: list[TestPlan] = []
        self.streams: tuple[int, int] | None = None
        self.files: dict[str, bytes] = {}
        self.kept: list[object] = []
        self.done: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

    def open_program(self, files: Sequence[File], disk_bytes: int) -> None:
        self.files = {file.path: file.data for file in files}
        assert disk_bytes > sum(map(len, self.files.values()))

    def submit(
        self,
        plan: TestPlan,
        collect: Sequence[str] = (),
        streams: tuple[int, int] | None = None,
        keep: object = None,
    ) -> asyncio.Future[Ended]:
        self.plans.append(plan)
        self.kept.append(keep)
        if streams is not None:
            # As a cell does: ends of its own, until the run has ended.
            self.streams = os.dup(streams[0]), os.dup(streams[1])
        if self.ends:
            self.done = asyncio.get_running_loop().create_future()
            self.done.set_result(self.ends[len(self.plans) - 1])
        return self.done

    def finish(self, ended: Ended) -> None:
        """Ends the run, and with it its ends of the pipes."""
        self.hang_up()
        self.done.set_result(ended)

    def hang_up(self) -> None:
        for fd in self.streams or ():
            os.close(fd)
        self.streams = None


class Meeting:
    """A session of a candidate and a helper that run nothing."""

    def __init__(self, candidate: Sequence[Ended] = (), helper: Sequence[Ended] = ()) -> None:
        self.party, self.helper = Party(candidate), Party(helper)
        self.candidate = cast(Cell, self.party)

    def prepare(self, plan: TestPlan) -> TestPlan:
        return plan

    async def ready(self, helper: Helper) -> Ready:
        return Ready(PLAN, helper.files, None, helper)

    def tester(self) -> CellPlan:
        raise AssertionError("no test code here")

    @asynccontextmanager
    async def cell(self, plan: CellPlan) -> AsyncIterator[Any]:
        try:
            yield self.helper
        finally:
            self.helper.hang_up()
