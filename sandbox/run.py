"""Runs the tests of one checked job in cells, and judges each as it ends.

Two tests are in flight at a time, so that the cell forks one while the last is being judged. A test that ends in a
fault is run again in another cell, at most twice; if it stays one, the job is a fault.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from sandbox.build.builder import Builder
from sandbox.check import Checked
from sandbox.commands import check_plan, executed, opened
from sandbox.decided import is_decided
from sandbox.flights import Once
from sandbox.jail.cell import Cell
from sandbox.jail.pool import Pool
from sandbox.judge.alarms import DENIED_CALLS, PROC_WALK, PROCESSES_LEFT
from sandbox.judge.judged import Judged, skipped
from sandbox.judge.session import Helper, Ready, StagedCheck
from sandbox.judge.syntax import COMPILE_CHECK, may_be_syntax_error, read_check, read_compile_check
from sandbox.model.outcome import Ended, FaultError, JudgeFault
from sandbox.model.plan import CellPlan, TestPlan
from sandbox.model.status import Stage
from sandbox.planner import Planner
from sandbox.v1 import job_pb2

RETRIES = 2
# Suites whose tests are known; names only.
_REMEMBERED = 512
_DEPTH = 2
# Outputs above this are judged in a thread: the event loop has other cells to serve.
_LARGE = 1 << 18


@dataclass(frozen=True, slots=True)
class Judgement:
    """An action that was judged: the roots of the state before it, as it was judged, and after it was taken back."""

    action: str
    pre_root: str
    post_root: str
    final_root: str


@dataclass(slots=True)
class RunState:
    """What is known of a job's tests so far; kept when a fault ends the run, as evidence.

    `arrived` and `begun` (when the first cell was there; 0 before) are seconds of the monotonic clock.
    """

    results: list[Judged | None]
    arrived: float
    begun: float = 0.0
    retries: int = 0
    failed_at: str = ""
    # Of jobs in a workspace: each test's run in the journal.
    actions: list[Judgement] = field(default_factory=list)


class Runner:
    """Runs jobs in the cells of `pool`; what the judge's side runs has cells of its own, `testers`."""

    def __init__(self, pool: Pool, testers: Pool, planner: Planner, builder: Builder) -> None:
        self._pool = pool
        self._testers = testers
        self._planner = planner
        self._builder = builder
        self._found: Once[tuple[str, ...]] = Once(_REMEMBERED)

    async def run(self, job: Checked, plan: CellPlan, program: bytes | None, state: RunState) -> list[Judged]:
        """Every scheduled test's result, in order. Raises FaultError; `state` then holds what did finish."""
        pending = deque(range(len(job.tests)))
        tries: dict[int, int] = {}
        while pending:
            try:
                async with self._pool.cell(plan) as cell:
                    state.begun = state.begun or time.monotonic()
                    state.failed_at = job.tests[pending[0]].id
                    cell.open_program(opened(job.runtime, job.files, program), job.limits.disk_bytes)
                    await self._drive(cell, job, program, pending, state)
            except FaultError:
                head = pending[0]
                tries[head] = tries.get(head, 0) + 1
                state.failed_at = job.tests[head].id
                if tries[head] > RETRIES:
                    raise
                state.retries += not job.tests[head].canary
        return [result or skipped(test.check.total) for result, test in zip(state.results, job.tests, strict=True)]

    async def _drive(
        self, cell: Cell, job: Checked, program: bytes | None, pending: deque[int], state: RunState
    ) -> None:
        """Takes tests off `pending` once they are judged; on a fault the one at its head is to blame."""
        depth = _DEPTH if job.request.stop == job_pb2.NEVER else 1
        flying: deque[tuple[int, asyncio.Future[Ended]]] = deque()
        waiting = deque(pending)
        table = job.runtime.table
        checked_syntax = table.interpreter is None and not (table.run is not None and table.run.check)
        session = _Session(cell, job, program, self._testers, self._planner, self._builder, self._found)
        while waiting or flying:
            while waiting and len(flying) < depth and not _is_staged(job, waiting[0]):
                number = waiting.popleft()
                plan = session.prepare(job.tests[number].check.plan)
                flying.append((number, cell.submit(plan, last=not waiting)))
            if flying:
                number, future = flying.popleft()
                result = await _judge(job.tests[number].check.judge, await future)
            else:
                number = waiting.popleft()
                check = job.tests[number].check
                assert isinstance(check, StagedCheck)
                result = await check.run(session)
            if not checked_syntax and result.ended is not None and may_be_syntax_error(table, result.ended):
                checked_syntax = True
                message = await self._compile_check(cell, job) if _has_main(job) else ""
                if message:
                    _all(state, Judged(Stage.COMPILE_ERROR, 0.0, 0, 0, message, ended=result.ended), job)
                    pending.clear()
                    return
            state.results[number] = _watched(result, table.reads_maps)
            pending.popleft()
            if result.stage is not Stage.ACCEPTED and is_decided(job, state.results):
                pending.clear()
                return

    async def _compile_check(self, cell: Cell, job: Checked) -> str:
        cell.open_program(job.files, job.limits.disk_bytes)
        if job.runtime.table.interpreter is not None:
            return read_compile_check(await cell.submit(replace(COMPILE_CHECK, limits=job.limits)))
        limits = job.runtime.table.extra.added(job.limits)
        return read_check(await cell.submit(check_plan(job.runtime.table, job.main, limits)))


class _Session:
    """What a staged test is given: see `sandbox/judge/session.py`."""

    def __init__(
        self,
        candidate: Cell,
        job: Checked,
        program: bytes | None,
        cells: Pool,
        planner: Planner,
        builder: Builder,
        found: Once[tuple[str, ...]],
    ) -> None:
        self.candidate = candidate
        self._job = job
        self._program = program
        self._cells = cells
        self._planner = planner
        self._builder = builder
        self._found = found

    def prepare(self, plan: TestPlan) -> TestPlan:
        return executed(self._job.runtime, plan, self._program)

    async def ready(self, helper: Helper) -> Ready:
        plan = self._planner.judge(helper.runtime, self._job.policy, helper.main)
        if helper.runtime.table.build is None:
            return Ready(plan, helper.files, None, helper)
        built = await self._builder.build(helper.runtime, self._job.policy, helper.files, helper.main)
        if not built.ok:
            raise JudgeFault(f"{helper.main} of the test does not compile: {built.messages[:1000]}")
        return Ready(plan, opened(helper.runtime, helper.files, built.program), built.program, helper)

    def tester(self, frameworks: bool = False) -> CellPlan:
        return self._planner.tester(self._job.runtime, self._job.policy, frameworks)

    def in_process(self) -> CellPlan:
        return self._planner.in_process(self._job.runtime, self._job.policy)

    def cell(self, plan: CellPlan) -> AbstractAsyncContextManager[Cell]:
        return self._cells.cell(plan)

    async def once(self, key: Hashable, make: Callable[[], Awaitable[tuple[str, ...]]]) -> tuple[str, ...]:
        return await self._found.once(key, make)


def _has_main(job: Checked) -> bool:
    return any(file.path == job.main for file in job.files)


def _is_staged(job: Checked, number: int) -> bool:
    return isinstance(job.tests[number].check, StagedCheck)


def _watched(result: Judged, reads_maps: bool) -> Judged:
    """Adds what the jail itself noticed."""
    ended = result.ended
    if ended is None:
        return result
    noticed = (
        (PROCESSES_LEFT, not ended.alone),
        (DENIED_CALLS, ended.denied),
        (PROC_WALK, ended.walked and not reads_maps),
    )
    alarms = [alarm for alarm, seen in noticed if seen]
    return replace(result, alarms=(*result.alarms, *alarms)) if alarms else result


async def _judge(judge: Callable[[Ended], Judged], ended: Ended) -> Judged:
    if len(ended.stdout) + len(ended.extra) > _LARGE:
        return await asyncio.to_thread(judge, ended)
    return judge(ended)


def _all(state: RunState, result: Judged, job: Checked) -> None:
    state.results = [replace(result, total=test.check.total) for test in job.tests]
