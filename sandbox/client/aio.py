"""The asynchronous client. The synchronous one does the same through this one."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, Unpack

from sandbox.client import forks
from sandbox.client.actions import AsyncActions
from sandbox.client.batch import Answers, Batch, Handfuls, Jobs
from sandbox.client.connection import Connection
from sandbox.client.dispatch import Dispatcher
from sandbox.client.errors import Rejected
from sandbox.client.feedback import feedback
from sandbox.client.fleet import Fleet
from sandbox.client.job import AnyJob, Job, as_request
from sandbox.client.matrix import MatrixOptions, Programs, as_matrix_request
from sandbox.client.memory import Counts, Memory
from sandbox.client.outcome import reward_of, verdict_of
from sandbox.client.settings import DEFAULT_ADDRESS, Options, Settings
from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2, verdict_pb2

_log = logging.getLogger("sandbox.client")


class AsyncClient:
    """Scores programs on one server or on several.

        async with AsyncClient("10.0.0.1:50051", "10.0.0.2:50051") as client:
            rewards = await client.rewards(jobs)

    Nothing is connected until it is used. One client serves many event loops, processes and pickles of itself; each
    has connections of its own. Keyword arguments are those of `sandbox.client.settings.Settings`.
    """

    def __init__(self, *addresses: str, **options: Unpack[Options]) -> None:
        self._settings = Settings(addresses or (DEFAULT_ADDRESS,), **options)
        self._memory = Memory()
        self._dispatchers: dict[tuple[int, asyncio.AbstractEventLoop], Dispatcher] = {}
        self._lock = threading.Lock()

    async def score(self, job: AnyJob, *, timeout: float | None = None) -> verdict_pb2.Verdict | None:
        """The verdict of one job; None for a fault. Raises Rejected for a bad job."""
        return verdict_of(await self.answer(job, timeout=timeout))

    async def answer(self, job: AnyJob, *, timeout: float | None = None) -> verdict_pb2.ScoreResponse:
        """All that there is to know of one job: its verdict, fault or rejection."""
        return await self._dispatcher().answer(as_request(job), timeout=timeout)

    async def rewards(self, jobs: Jobs, *, timeout: float | None = None) -> list[float | None]:
        """The jobs' rewards, in their order; None for faults. Raises Rejected for the first bad job that is seen."""
        rewards: dict[int, float | None] = {}
        faults = []
        async with aclosing(self.score_many(jobs, timeout=timeout)) as answers:
            async for number, answer in answers:
                rewards[number] = reward_of(answer, _name(number, answer))
                if rewards[number] is None:
                    faults.append(f"{_name(number, answer)}: {answer.fault.message}")
        if faults:
            _log.warning("%d of %d jobs have no reward; %s", len(faults), len(rewards), faults[0])
        return [rewards[number] for number in range(len(rewards))]

    def score_many(self, jobs: Jobs, *, timeout: float | None = None) -> Answers:
        """Each job's number and answer, in order of completion. Rejections are answers here, too.

        `jobs` may be any iterable, asynchronous ones included; it is read as places on the servers come free.
        """
        return self._one_by_one(jobs, timeout)

    async def matrix(
        self, programs: Programs, *, timeout: float | None = None, **options: Unpack[MatrixOptions]
    ) -> matrix_pb2.MatrixResponse:
        """Runs every program with every test, on one of the servers: what `sandbox.selection` chooses by.

        `programs` are sources, or a whole request. A fault is a cell; raises Rejected for a bad request, and
        SandboxError where no server gave an answer.
        """
        request = as_matrix_request(programs, options)
        size, most = request.ByteSize(), self._settings.max_message_bytes
        if size > most:
            raise Rejected("", f"it has {size} bytes, at most {most} are sent", "ask for some programs at a time")
        seconds = self._settings.timeout if timeout is None else timeout
        return await self._dispatcher().call(
            lambda connection: connection.matrix(request, seconds), size=size, timeout=timeout
        )

    def feedback(self, answer: verdict_pb2.ScoreResponse, job: AnyJob | None = None) -> str:
        """What the model may see of an answer: its build and the job's public tests, never anything of hidden ones.

        With `job`, the text also says what a failed public test asked for.
        """
        return feedback(answer, None if job is None else self._memory.suites.tests(as_request(job)))

    async def describe(self) -> reward_pb2.DescribeResponse:
        """What one of the servers offers: runtimes, policies, schemes, comparators, limits."""
        return await self._dispatcher().call(Connection.describe)

    async def put_suite(self, tests: Iterable[job_pb2.Test]) -> str:
        """Sends a suite to one server; the others get it when they first need it. Returns the `tests_ref` for jobs."""
        ref = self._memory.suites.add(tests)
        data = self._memory.suites.get(ref) or b""
        await self._dispatcher().call(lambda connection: connection.put_suite(data))
        return ref

    def with_suite(self, job: AnyJob) -> Job:
        """The same job with its tests named by their hash. They travel once to each server that asks for them."""
        request = job_pb2.ScoreRequest()
        request.CopyFrom(as_request(job))
        if request.tests:
            request.tests_ref = self._memory.suites.add(request.tests)
            request.ClearField("tests")
        return Job.from_request(request)

    @property
    def actions(self) -> AsyncActions:
        """Commands that act on workspaces, on the first of the servers."""
        return AsyncActions(self)

    @property
    def counts(self) -> Counts:
        """What became of this client's jobs so far. Watch `counts.fault_share`."""
        return self._memory.counts()

    async def close(self) -> None:
        """Ends what is in flight on this event loop, and hangs up. The client may be used again."""
        with self._lock:
            dispatcher = self._dispatchers.pop((os.getpid(), asyncio.get_running_loop()), None)
        if dispatcher is not None:
            await dispatcher.fleet.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __getstate__(self) -> object:
        return self._settings

    def __setstate__(self, settings: Any) -> None:
        AsyncClient.__init__(self)
        self._settings = settings

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._settings.addresses))})"

    async def _one_by_one(self, jobs: Jobs, timeout: float | None) -> Answers:
        async with aclosing(self._handfuls(jobs, timeout)) as handfuls:
            async for handful in handfuls:
                for numbered in handful:
                    yield numbered

    def _handfuls(self, jobs: Jobs, timeout: float | None) -> Handfuls:
        window = self._settings.window * len(self._settings.addresses)
        return Batch(self._dispatcher, jobs, timeout, window).handfuls()

    def _first_connection(self) -> Connection:
        """Actions are kept where they took place: they all go to one server."""
        return self._dispatcher().fleet.servers[0].connection

    def _dispatcher(self) -> Dispatcher:
        """The connections of this process and this event loop."""
        forks.check()
        here = (os.getpid(), asyncio.get_running_loop())
        with self._lock:
            for pid, loop in [*self._dispatchers]:
                if pid == here[0] and loop.is_closed():
                    del self._dispatchers[pid, loop]
            if here not in self._dispatchers:
                fleet = Fleet(self._settings, self._memory)
                self._dispatchers[here] = Dispatcher(fleet, self._settings, self._memory)
            return self._dispatchers[here]


def _name(number: int, answer: verdict_pb2.ScoreResponse) -> str:
    return f"job {number} ({answer.id})" if answer.id else f"job {number}"
