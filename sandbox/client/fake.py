"""A client with no server behind it, for tests of code that uses one.

    fake = FakeClient(lambda job: 1.0 if "sorted" in job.program.source else None)
    assert my_reward_function(fake, completions) == [1.0, None]

The script says what each job gets: a number (a verdict with that reward), None or a `Fault` (no reward), a `Verdict`, a
whole `ScoreResponse`, or a `Rejected`, returned or raised. Everything after that is the real clients' own code.
`client.matrix` has a script of its own, `FakeClient(matrix=...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any, Unpack

from sandbox.client.actions import AsyncActions
from sandbox.client.aio import AsyncClient
from sandbox.client.batch import Handfuls, Jobs, each
from sandbox.client.errors import Rejected
from sandbox.client.job import AnyJob, as_request
from sandbox.client.matrix import MatrixOptions, Programs, as_matrix_request
from sandbox.client.outcome import fault_answer, rejected_answer
from sandbox.client.sync import Client
from sandbox.errors import SandboxError
from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2, verdict_pb2

Outcome = float | None | verdict_pb2.Verdict | verdict_pb2.Fault | verdict_pb2.ScoreResponse | Rejected
Script = Callable[[job_pb2.ScoreRequest], Outcome]
# What a matrix is: an answer, or a function that gives it or raises Rejected.
MatrixScript = Callable[[matrix_pb2.MatrixRequest], matrix_pb2.MatrixResponse] | matrix_pb2.MatrixResponse


class FakeClient(Client):
    """A `Client` that a script answers for. `jobs` are the requests that it was given; `as_async()` is its twin."""

    def __init__(self, script: Script | Outcome = 1.0, *, matrix: MatrixScript | None = None) -> None:
        self._client: FakeAsyncClient = FakeAsyncClient(script, matrix=matrix)

    @property
    def jobs(self) -> list[job_pb2.ScoreRequest]:
        """Every request so far, in order."""
        return self._client.jobs

    @property
    def matrices(self) -> list[matrix_pb2.MatrixRequest]:
        """Every matrix that was asked for so far, in order."""
        return self._client.matrices

    def as_async(self) -> FakeAsyncClient:
        """The same script and the same record, as an `AsyncClient`."""
        return self._client


class FakeAsyncClient(AsyncClient):
    """An `AsyncClient` that a script answers for."""

    def __init__(self, script: Script | Outcome = 1.0, *, matrix: MatrixScript | None = None) -> None:
        super().__init__()
        self._script, self._matrix = script, matrix
        self.jobs: list[job_pb2.ScoreRequest] = []
        self.matrices: list[matrix_pb2.MatrixRequest] = []

    async def answer(self, job: AnyJob, *, timeout: float | None = None) -> verdict_pb2.ScoreResponse:
        """The script's answer to one job."""
        request = as_request(job)
        self.jobs.append(request)
        try:
            outcome = self._script(request) if callable(self._script) else self._script
        except Rejected as rejected:
            outcome = rejected
        answer = _answer(request, outcome)
        self._memory.answered(answer)
        return answer

    async def matrix(
        self, programs: Programs, *, timeout: float | None = None, **options: Unpack[MatrixOptions]
    ) -> matrix_pb2.MatrixResponse:
        """The matrix that its script gives. Raises SandboxError where it has none."""
        request = as_matrix_request(programs, options)
        self.matrices.append(request)
        if self._matrix is None:
            raise SandboxError(
                "this fake client has no matrix", fix="give FakeClient(matrix=...) an answer or a script"
            )
        answer = matrix_pb2.MatrixResponse()
        answer.CopyFrom(self._matrix(request) if callable(self._matrix) else self._matrix)
        answer.id = request.id
        return answer

    def __getstate__(self) -> object:
        return self._script, self._matrix

    def __setstate__(self, scripts: Any) -> None:
        self.__init__(scripts[0], matrix=scripts[1])  # type: ignore[misc]

    async def describe(self) -> reward_pb2.DescribeResponse:
        """A server that offers nothing."""
        return reward_pb2.DescribeResponse(version="fake")

    @property
    def actions(self) -> AsyncActions:
        """There is no workspace behind a script. Raises SandboxError."""
        raise SandboxError(
            "a fake client has no actions", fix="start `sandbox serve --workspace-root DIR` for the test"
        )

    async def put_suite(self, tests: Iterable[job_pb2.Test]) -> str:
        """The ref of a suite; it goes nowhere."""
        return self._memory.suites.add(tests)

    def _handfuls(self, jobs: Jobs, timeout: float | None) -> Handfuls:
        return self._scripted(jobs)

    async def _scripted(self, jobs: Jobs) -> Handfuls:
        number = 0
        async with aclosing(each(jobs)) as given:
            async for job in given:
                yield [(number, await self.answer(job))]
                number += 1


def _answer(request: job_pb2.ScoreRequest, outcome: Outcome) -> verdict_pb2.ScoreResponse:
    if isinstance(outcome, verdict_pb2.ScoreResponse):
        answer = verdict_pb2.ScoreResponse()
        answer.CopyFrom(outcome)
        answer.id = request.id
        return answer
    if isinstance(outcome, verdict_pb2.Verdict):
        return verdict_pb2.ScoreResponse(id=request.id, verdict=outcome)
    if isinstance(outcome, verdict_pb2.Fault):
        return verdict_pb2.ScoreResponse(id=request.id, fault=outcome)
    if isinstance(outcome, Rejected):
        return rejected_answer(request.id, outcome)
    if outcome is None:
        return fault_answer(request.id, "a fault, as the script says")
    return verdict_pb2.ScoreResponse(id=request.id, verdict=_verdict(request, float(outcome)))


def _verdict(request: job_pb2.ScoreRequest, reward: float) -> verdict_pb2.Verdict:
    """A reward of 1 is a program that passed; any other, one whose every test failed."""
    passed = reward == 1.0
    status = verdict_pb2.ACCEPTED if passed else verdict_pb2.WRONG_ANSWER
    tests = [
        verdict_pb2.TestResult(id=test.id or str(number), status=status, score=float(passed))
        for number, test in enumerate(request.tests)
    ]
    return verdict_pb2.Verdict(passed=passed, reward=reward, status=status, tests=tests)
