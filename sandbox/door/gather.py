"""Joins the calls that run one program on different inputs: one build, one cell, one job.

Clients send a call for each test, all at about the same time. The first waits a moment for the others; then they go as
one job. Nothing is remembered, and no result is used twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.door.refusals import Faulted
from sandbox.door.runs import Program, Ran, job_of_runs
from sandbox.errors import JobError
from sandbox.v1 import job_pb2, verdict_pb2

LINGER_S = 0.005
MOST = 64

Score = Callable[[job_pb2.ScoreRequest], Awaitable[verdict_pb2.ScoreResponse]]
_Outcome = Ran | Faulted | JobError


@dataclass(slots=True, eq=False)
class _Batch:
    program: Program
    inputs: list[tuple[bytes, asyncio.Future[Ran]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def wanted(self) -> list[tuple[bytes, asyncio.Future[Ran]]]:
        return [each for each in self.inputs if not each[1].done()]


class Gatherer:
    """Runs programs for calls; `score` is the pipeline's."""

    def __init__(self, score: Score, linger_s: float = LINGER_S, most: int = MOST) -> None:
        self._score, self._linger_s, self._most = score, linger_s, most
        self._open: dict[Program, _Batch] = {}

    async def run(self, program: Program, stdin: bytes) -> Ran:
        """What the program does with an input. Raises Faulted, JobError. The last caller to leave ends the run."""
        batch = self._open.get(program)
        if batch is None:
            batch = self._open[program] = _Batch(program)
            batch.task = asyncio.ensure_future(self._finish(batch))
        future: asyncio.Future[Ran] = asyncio.get_running_loop().create_future()
        batch.inputs.append((stdin, future))
        if len(batch.inputs) >= self._most:
            self._close(batch)
        try:
            return await future
        finally:
            future.cancel()
            if not batch.wanted() and batch.task is not None:
                self._close(batch)
                batch.task.cancel()

    def _close(self, batch: _Batch) -> None:
        if self._open.get(batch.program) is batch:
            del self._open[batch.program]

    async def _finish(self, batch: _Batch) -> None:
        await asyncio.sleep(self._linger_s)
        self._close(batch)
        together = batch.wanted()
        outcomes = await self._outcomes(batch.program, [given for given, _ in together])
        apart = []
        for (given, future), outcome in zip(together, outcomes, strict=True):
            if outcome is None:
                apart.append(self._alone(batch.program, given, future))
            else:
                _tell(future, outcome)
        await asyncio.gather(*apart)

    async def _alone(self, program: Program, given: bytes, future: asyncio.Future[Ran]) -> None:
        """An input that was not reached, since another one took all its time."""
        if future.done():
            return
        (outcome,) = await self._outcomes(program, [given])
        _tell(future, outcome or Faulted("the run was not reached"))

    async def _outcomes(self, program: Program, inputs: list[bytes]) -> list[_Outcome | None]:
        """One for each input; None where it was not run."""
        try:
            answer = await self._score(job_of_runs(program, inputs))
        except JobError as error:
            return [error] * len(inputs)
        if answer.WhichOneof("outcome") != "verdict":
            finished: dict[str, _Outcome] = {test.id: Ran(test, None) for test in answer.fault.finished}
            fault = Faulted(answer.fault.message)
            return [finished.get(str(number), fault) for number in range(len(inputs))]
        verdict = answer.verdict
        build = verdict.build if verdict.HasField("build") else None
        return [None if test.status == verdict_pb2.SKIPPED else Ran(test, build) for test in verdict.tests]


def _tell(future: asyncio.Future[Ran], outcome: _Outcome) -> None:
    if future.done():
        return
    if isinstance(outcome, Ran):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)
