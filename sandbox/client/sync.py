"""The synchronous client: the asynchronous one, waited for. May be shared by many threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import Self, Unpack

from sandbox.client import background
from sandbox.client.actions_sync import Actions
from sandbox.client.aio import AsyncClient
from sandbox.client.batch import Handfuls, Jobs, Numbered
from sandbox.client.job import AnyJob, Job
from sandbox.client.matrix import MatrixOptions, Programs
from sandbox.client.memory import Counts
from sandbox.client.settings import Options
from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2, verdict_pb2


class Client:
    """Scores programs on one server or on several.

        client = Client("127.0.0.1:50051")
        rewards = client.rewards(Job(code).stdio("2\\n", "4\\n") for code in completions)

    Nothing is connected until it is used; threads may share a client, and each process that it is pickled to, or
    forked into, connects for itself. Keyword arguments are those of `sandbox.client.settings.Settings`.
    """

    def __init__(self, *addresses: str, **options: Unpack[Options]) -> None:
        self._client = AsyncClient(*addresses, **options)

    def score(self, job: AnyJob, *, timeout: float | None = None) -> verdict_pb2.Verdict | None:
        """The verdict of one job; None for a fault. Raises Rejected for a bad job."""
        return background.run(self._client, self._client.score(job, timeout=timeout))

    def answer(self, job: AnyJob, *, timeout: float | None = None) -> verdict_pb2.ScoreResponse:
        """All that there is to know of one job: its verdict, fault or rejection."""
        return background.run(self._client, self._client.answer(job, timeout=timeout))

    def rewards(self, jobs: Jobs, *, timeout: float | None = None) -> list[float | None]:
        """The jobs' rewards, in their order; None for faults. Raises Rejected for the first bad job that is seen."""
        return background.run(self._client, self._client.rewards(_aside(jobs), timeout=timeout))

    def score_many(self, jobs: Jobs, *, timeout: float | None = None) -> Iterator[Numbered]:
        """Each job's number and answer, in order of completion. Rejections are answers here, too.

        `jobs` may be any iterable; it is read (in another thread) as places on the servers come free.
        """
        handfuls = self._client._handfuls(_aside(jobs), timeout)
        with background.busy(self._client):
            try:
                while handful := background.run(self._client, _next(handfuls)):
                    yield from handful
            finally:
                background.finish(handfuls.aclose())

    def matrix(
        self, programs: Programs, *, timeout: float | None = None, **options: Unpack[MatrixOptions]
    ) -> matrix_pb2.MatrixResponse:
        """Runs every program with every test, on one of the servers: what `sandbox.selection` chooses by.

        `programs` are sources, or a whole request. A fault is a cell; raises Rejected for a bad request, and
        SandboxError where no server gave an answer.
        """
        return background.run(self._client, self._client.matrix(programs, timeout=timeout, **options))

    def feedback(self, answer: verdict_pb2.ScoreResponse, job: AnyJob | None = None) -> str:
        """What the model may see of an answer: its build and the job's public tests, never anything of hidden ones.

        Which tests are public is read from `job`; without it, no test is spoken of.
        """
        return self._client.feedback(answer, job)

    def describe(self) -> reward_pb2.DescribeResponse:
        """What one of the servers offers: runtimes, policies, schemes, comparators, limits."""
        return background.run(self._client, self._client.describe())

    def put_suite(self, tests: Iterable[job_pb2.Test]) -> str:
        """Sends a suite to one server; the others get it when they first need it. Returns the `tests_ref` for jobs."""
        return background.run(self._client, self._client.put_suite(tests))

    def with_suite(self, job: AnyJob) -> Job:
        """The same job with its tests named by their hash. They travel once to each server that asks for them."""
        return self._client.with_suite(job)

    @property
    def actions(self) -> Actions:
        """Commands that act on workspaces, on the first of the servers."""
        return Actions(self._client)

    @property
    def counts(self) -> Counts:
        """What became of this client's jobs so far. Watch `counts.fault_share`."""
        return self._client.counts

    def close(self) -> None:
        """Ends what is in flight, and hangs up. The client may be used again."""
        background.finish(self._client.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._client).removeprefix("Async")


async def _next(handfuls: Handfuls) -> list[Numbered]:
    return await anext(handfuls, [])


def _aside(jobs: Jobs) -> Jobs:
    """A generator of jobs may take its time (perhaps a model writes them): it is read in a thread of its own."""
    return _read_aside(jobs) if isinstance(jobs, Iterator) else jobs


async def _read_aside(jobs: Iterator[AnyJob]) -> AsyncIterator[AnyJob]:
    while (job := await asyncio.to_thread(next, jobs, None)) is not None:
        yield job
