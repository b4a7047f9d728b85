"""Tests that need more than the candidate's own process: what they are given, and what they have in common.

A `stdio`, `call` or lifted test is one process and one look at what it left. A staged test brings programs of the
job's sender with it (test code, a checker, an interactor), which run in jails of their own, beside the candidate or
after it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from sandbox.commands import executed, run_plan
from sandbox.jail.cell import Cell
from sandbox.judge.judged import Judged
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault
from sandbox.model.plan import CellPlan, File, TestPlan
from sandbox.runtimes import Runtime

# By how much the clock of the judge's side runs longer: it must still be there when the candidate's time is up.
LONGER_MS = 5000


def outliving(judge_limits: Limits, candidate: Limits) -> Limits:
    """The limits of a program that runs beside a candidate."""
    return replace(judge_limits, wall_time_ms=max(judge_limits.wall_time_ms, candidate.wall_time_ms + LONGER_MS))


@dataclass(frozen=True, slots=True)
class Helper:
    """A program of the job's sender, to be run on the judge's side."""

    runtime: Runtime
    files: tuple[File, ...]
    main: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A helper that can run: the cell that it needs, the files to open there, and its binary where it was built."""

    plan: CellPlan
    files: tuple[File, ...]
    program: bytes | None
    helper: Helper

    def test(self, limits: Limits, argv: tuple[str, ...], stdin: bytes = b"") -> TestPlan:
        """One run of it as a program. `argv` goes without the program's name."""
        runtime = self.helper.runtime
        plan = run_plan(runtime, self.helper.main, limits, argv)
        return executed(runtime, replace(plan, stdin=stdin), self.program)


class Session(Protocol):
    """One job's run, as a staged test sees it."""

    @property
    def candidate(self) -> Cell:
        """The candidate's cell, with the program open: every `submit` is a new process of it."""

    def prepare(self, plan: TestPlan) -> TestPlan:
        """The plan of a candidate's process, with the program's binary where it was built."""

    async def ready(self, helper: Helper) -> Ready:
        """Builds the helper where its language is built. JudgeFault when it does not compile."""

    def tester(self, frameworks: bool = False) -> CellPlan:
        """The cell in which test code runs, with the test frameworks or without."""

    def in_process(self) -> CellPlan:
        """A cell for the candidate, with the test frameworks."""

    def cell(self, plan: CellPlan) -> AbstractAsyncContextManager[Cell]:
        """A cell of the judge's side, for one program."""

    async def once(self, key: Hashable, make: Callable[[], Awaitable[tuple[str, ...]]]) -> tuple[str, ...]:
        """What `make` made for this key, now or for an earlier job."""


class StagedCheck(ABC):
    """A scheduled test that is run by `run` and not by a plan alone."""

    integrity: ClassVar[Integrity]
    plan: TestPlan
    limits: Limits

    @property
    @abstractmethod
    def total(self) -> int:
        """How many checks are inside the test; fixed before the run."""

    @abstractmethod
    async def run(self, session: Session) -> Judged:
        """Runs it, and says what it is worth. Raises FaultError."""

    def judge(self, ended: Ended) -> Judged:
        """Not enough to go by."""
        raise JudgeFault(f"{type(self).__name__} was judged by the candidate's process alone")
