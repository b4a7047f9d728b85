"""What every dialect asks of the pipeline: run a program, or score a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sandbox.door.gather import Gatherer
from sandbox.door.refusals import Busy, Faulted
from sandbox.door.runs import Program, Ran
from sandbox.errors import JobError
from sandbox.model.limits import Limits
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.v1 import job_pb2, verdict_pb2

# Less than any client waits: one whose time runs out may take that for the program's fault.
PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A verdict as numbers: the passed share, too."""

    verdict: verdict_pb2.Verdict

    @property
    def reward(self) -> float:
        """Of the scheme."""
        return self.verdict.reward

    @property
    def fraction(self) -> float:
        """The passed share of the tests."""
        tests = self.verdict.tests
        return sum(test.score == 1.0 for test in tests) / max(1, len(tests))


class Door:
    """The pipeline, behind the queue that gRPC's calls wait in, too."""

    def __init__(
        self, pipeline: Pipeline, admission: Admission, *, policy: str = "", patience_s: float = PATIENCE_S
    ) -> None:
        self._pipeline, self._admission, self.policy = pipeline, admission, policy
        self._patience_s = patience_s
        self._gatherer = Gatherer(pipeline.score)

    @property
    def limits(self) -> Limits:
        """What a program may use at most."""
        return self._pipeline.catalog.policy(self.policy).limits

    def runtimes(self) -> list[str]:
        """The languages that are offered."""
        return self._pipeline.catalog.offered()

    @asynccontextmanager
    async def place(self, size: int) -> AsyncIterator[None]:
        """A place for a call of so many bytes, waited for a while. Raises Busy."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._admission.enter(size)
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self._admission.leave(size)

    async def run(self, program: Program, stdin: bytes) -> Ran:
        """Runs a program, together with equal ones. Raises Faulted, JobError."""
        return await self._gatherer.run(program, stdin)

    async def score(self, request: job_pb2.ScoreRequest) -> Scored:
        """A job's verdict. Raises Faulted, JobError."""
        if not request.policy:
            request.policy = self.policy
        if request.workspace:
            raise JobError("workspace", "is not offered over HTTP", "use gRPC")
        answer = await self._pipeline.score(request)
        if answer.WhichOneof("outcome") != "verdict" or not answer.verdict.HasField("reward"):
            raise Faulted(answer.fault.message)
        return Scored(answer.verdict)

    async def score_all(self, requests: Iterable[job_pb2.ScoreRequest]) -> list[Scored]:
        """All of them, or the first failure, which cancels the rest."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.score(request)) for request in requests]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return [task.result() for task in tasks]
