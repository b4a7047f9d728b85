"""Runs the tests of one checked job in cells, and judges each as it ends.

Two tests are in flight at a time, so that the cell forks one while the last is being judged. A test that ends in a
fault is run again in another cell, at most twice; if it stays one, the job is a fault.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.check import Checked
from sandbox.decided import is_decided
from sandbox.jail.cell import Cell
from sandbox.jail.pool import Pool
from sandbox.judge.judged import Judged, skipped
from sandbox.judge.split import SplitCheck
from sandbox.judge.syntax import COMPILE_CHECK, may_be_syntax_error, read_compile_check
from sandbox.model.outcome import Ended, FaultError
from sandbox.model.plan import CellPlan, TestPlan
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

RETRIES = 2
_DEPTH = 2
# Outputs above this are judged in a thread: the event loop has other cells to serve.
_LARGE = 1 << 18


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


class Runner:
    """Runs jobs in the cells of `pool`; the test's side of split tests has cells of its own, `testers`."""

    def __init__(self, pool: Pool, testers: Pool) -> None:
        self._pool = pool
        self._testers = testers

    async def run(self, job: Checked, plan: CellPlan, program: bytes | None, state: RunState) -> list[Judged]:
        """Every scheduled test's result, in order. Raises FaultError; `state` then holds what did finish."""
        pending = deque(range(len(job.tests)))
        tries: dict[int, int] = {}
        while pending:
            try:
                async with self._pool.cell(plan) as cell:
                    state.begun = state.begun or time.monotonic()
                    state.failed_at = job.tests[pending[0]].id
                    cell.open_program(() if program is not None else job.files, job.limits.disk_bytes)
                    await self._drive(cell, plan, job, program, pending, state)
            except FaultError:
                head = pending[0]
                tries[head] = tries.get(head, 0) + 1
                state.failed_at = job.tests[head].id
                if tries[head] > RETRIES:
                    raise
                state.retries += 1
        return [result or skipped(test.check.total) for result, test in zip(state.results, job.tests, strict=True)]

    async def _drive(
        self, cell: Cell, plan: CellPlan, job: Checked, program: bytes | None, pending: deque[int], state: RunState
    ) -> None:
        """Takes tests off `pending` once they are judged; on a fault the one at its head is to blame."""
        depth = _DEPTH if job.request.stop == job_pb2.NEVER else 1
        flying: deque[tuple[int, asyncio.Future[Ended]]] = deque()
        waiting = deque(pending)
        checked_syntax = job.runtime.table.interpreter is None
        while waiting or flying:
            while waiting and len(flying) < depth and not self._is_split(job, waiting[0], bool(flying)):
                number = waiting.popleft()
                flying.append((number, cell.submit(self._plan(job, number, program), last=not waiting)))
            if flying:
                number, future = flying.popleft()
                ended = await future
                result = await _judge(job.tests[number].check.judge, ended)
                if not checked_syntax and may_be_syntax_error(ended):
                    checked_syntax = True
                    message = await self._compile_check(cell, job)
                    if message:
                        _all(state, Judged(Stage.COMPILE_ERROR, 0.0, 0, 0, message, ended=ended), job)
                        pending.clear()
                        return
            else:
                number = waiting.popleft()
                result = await self._split(cell, plan, job, number)
            state.results[number] = result
            pending.popleft()
            if result.stage is not Stage.ACCEPTED and is_decided(job, state.results):
                pending.clear()
                return

    def _is_split(self, job: Checked, number: int, busy: bool) -> bool:
        return isinstance(job.tests[number].check, SplitCheck)

    def _plan(self, job: Checked, number: int, program: bytes | None) -> TestPlan:
        plan = job.tests[number].check.plan
        return plan if program is None else replace(plan, extra=program)

    async def _split(self, cell: Cell, plan: CellPlan, job: Checked, number: int) -> Judged:
        check = job.tests[number].check
        assert isinstance(check, SplitCheck)
        async with self._testers.cell(plan) as tester:
            ended, tested = await check.run(cell, tester)
        return await _judge(lambda _: check.judge_split(ended, tested), ended)

    async def _compile_check(self, cell: Cell, job: Checked) -> str:
        cell.open_program(job.files, job.limits.disk_bytes)
        ended = await cell.submit(replace(COMPILE_CHECK, limits=job.limits))
        return read_compile_check(ended)


async def _judge(judge: Callable[[Ended], Judged], ended: Ended) -> Judged:
    if len(ended.stdout) + len(ended.extra) > _LARGE:
        return await asyncio.to_thread(judge, ended)
    return judge(ended)


def _all(state: RunState, result: Judged, job: Checked) -> None:
    state.results = [replace(result, total=test.check.total) for test in job.tests]
