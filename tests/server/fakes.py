"""Pipelines in the place of the real one, where what is tested is no jail: who waits, who is answered, who faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import cast

from sandbox.check import Checked
from sandbox.judge.judged import Judged
from sandbox.model.outcome import End, Ended
from sandbox.model.plan import CellPlan
from sandbox.pipeline import Pipeline
from sandbox.planner import Planner
from sandbox.run import Runner, RunState
from sandbox.server.service import RewardService
from sandbox.settings import Settings
from sandbox.suites import SuiteStore
from sandbox.v1 import job_pb2, reward_pb2, verdict_pb2
from tests.jail.cells import catalog_of_python

ENDED = Ended(End.EXIT, 0, 0, 1.0, 1.0, 1 << 20, False, 0.0, b"", b"", 0, 0)


class Gate:
    """A pipeline whose jobs end when the test says so."""

    def __init__(self, answer: Callable[[job_pb2.ScoreRequest], verdict_pb2.ScoreResponse] | None = None) -> None:
        self.entered: list[str] = []
        self.open = asyncio.Event()
        self.suites = SuiteStore(1 << 20)
        self._answer = answer or (lambda request: verdict_pb2.ScoreResponse(id=request.id))

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        self.entered.append(request.id)
        await self.open.wait()
        return self._answer(request)


def service(pipeline: object, **settings: int) -> RewardService:
    """The service of a server, without the server."""
    return RewardService(cast(Pipeline, pipeline), Settings(**settings))


class FakeRunner:
    """Judges every test by itself: what it is given for the test's number, an exception or a result."""

    def __init__(self, results: Callable[[int], Judged | Exception]) -> None:
        self.runs = 0
        self.cancelled = 0
        self.hold: asyncio.Event | None = None
        self._results = results

    async def run(self, job: Checked, plan: CellPlan, program: bytes | None, state: RunState) -> list[Judged]:
        self.runs += 1
        try:
            if self.hold is not None:
                await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            # Clearing away takes its time.
            await asyncio.sleep(0.01)
            raise
        found = []
        for number, test in enumerate(job.tests):
            state.failed_at = test.id
            result = self._results(number)
            if isinstance(result, Exception):
                raise result
            state.results[number] = result
            found.append(result)
        return found


def pipeline_with(runner: FakeRunner) -> Pipeline:
    """A real pipeline but for the jails."""
    return Pipeline(
        catalog_of_python(),
        Planner(),
        cast("object", None),  # type: ignore[arg-type]
        cast(Runner, runner),
        SuiteStore(1 << 20),
    )


async def stream_of(*requests: reward_pb2.StreamRequest) -> AsyncIterator[reward_pb2.StreamRequest]:
    """Requests that are all there at once: reading one never waits."""
    for request in requests:
        yield request


async def answers_of(
    served: RewardService, requests: AsyncIterator[reward_pb2.StreamRequest], seconds: float = 5
) -> list[verdict_pb2.ScoreResponse]:
    """All answers of a stream. Fails where it does not end."""
    async with asyncio.timeout(seconds):
        return [answer async for answer in served.ScoreStream(requests, None)]  # type: ignore[arg-type]


async def spin(condition: Callable[[], bool], steps: int = 1000) -> None:
    """Lets the event loop turn until something holds."""
    for _ in range(steps):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


def codes(answers: Iterable[verdict_pb2.ScoreResponse]) -> dict[str, str]:
    """The outcome of each answer: of a rejection its code."""
    return {
        answer.id: verdict_pb2.RejectCode.Name(answer.rejected.code)
        if answer.HasField("rejected")
        else answer.WhichOneof("outcome") or "none"
        for answer in answers
    }


def sequence(results: Sequence[Judged | Exception]) -> Callable[[int], Judged | Exception]:
    """The results by the tests' numbers."""
    return results.__getitem__
