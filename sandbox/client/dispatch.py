"""One job's way to its answer: a place, a sending, and again where that is safe. The same for calls and for streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sandbox.client.connection import Connection
from sandbox.client.errors import Rejected, Unreachable
from sandbox.client.fleet import Fleet, Lease
from sandbox.client.memory import Memory
from sandbox.client.outcome import fault_answer, rejected_answer
from sandbox.client.server import Server
from sandbox.client.settings import Settings
from sandbox.client.wire import JobFailed, ServerBusy, ServerFailed, check
from sandbox.errors import SandboxError
from sandbox.v1 import job_pb2, verdict_pb2

T = TypeVar("T")
# Sends a request to a server and returns its answer; the seconds are those that are left for it.
Ask = Callable[[Connection, job_pb2.ScoreRequest, float | None], Awaitable[verdict_pb2.ScoreResponse]]

_BUSY_TRIES = 5
_UPLOADS = 2


async def ask_by_call(
    connection: Connection, request: job_pb2.ScoreRequest, seconds: float | None
) -> verdict_pb2.ScoreResponse:
    """Asks by a unary call."""
    if seconds is not None:
        sent = job_pb2.ScoreRequest()
        sent.CopyFrom(request)
        request = bounded(sent, seconds)
    return await connection.score(request, seconds)


def bounded(request: job_pb2.ScoreRequest, seconds: float | None) -> job_pb2.ScoreRequest:
    """Tells the server how long its answer is waited for; changes the request."""
    if seconds is not None:
        left = min(max(1, int(seconds * 1000)), 2**32 - 1)
        request.timeout_ms = min(request.timeout_ms, left) if request.timeout_ms else left
    return request


@dataclass(slots=True)
class _Course:
    """What happened to one job so far."""

    request: job_pb2.ScoreRequest
    ask: Ask
    failed: int = 0
    busy: int = 0
    why: str = ""
    # The first fault, and the server that is not asked again if another is up.
    fault: verdict_pb2.ScoreResponse | None = None
    avoid: Server | None = None

    def given_up(self) -> verdict_pb2.ScoreResponse:
        return self.fault or fault_answer(self.request.id, self.why)


class Dispatcher:
    """Sends jobs until they are answered, or until their tries, their time or the patience is over."""

    def __init__(self, fleet: Fleet, settings: Settings, memory: Memory) -> None:
        self.fleet = fleet
        self._settings, self._memory = settings, memory

    async def answer(
        self, request: job_pb2.ScoreRequest, ask: Ask = ask_by_call, timeout: float | None = None
    ) -> verdict_pb2.ScoreResponse:
        """The answer to one job; a fault where no server gave one. Raises Unreachable if no server ever answered."""
        timeout = self._settings.timeout if timeout is None else timeout
        size = request.ByteSize()
        if size > self._settings.max_message_bytes:
            answer = rejected_answer(request.id, _too_large(size, self._settings.max_message_bytes))
        else:
            answer = await self._in_time(_Course(request, ask), size, timeout)
        self._memory.answered(answer)
        return answer

    async def call(
        self, ask: Callable[[Connection], Awaitable[T]], *, size: int = 0, timeout: float | None = None
    ) -> T:
        """The result of a call that is not about one job. Raises Unreachable, Rejected or SandboxError.

        `size` in bytes is what is sent, `timeout` in seconds; None: that of the settings.
        """
        seconds = self._settings.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._call(ask, size)
        except TimeoutError:
            raise SandboxError(f"no answer within {seconds:g} s", fix="look at the server") from None

    async def _call(self, ask: Callable[[Connection], Awaitable[T]], size: int) -> T:
        full = False
        for _ in range(self._settings.tries):
            async with self.fleet.lease(size) as lease:
                try:
                    result = await ask(lease.server.connection)
                except ServerFailed as failure:
                    full = False
                    self.fleet.failed(lease, str(failure))
                except ServerBusy as busy:
                    full = True
                    self.fleet.busy(lease, busy.seconds)
                except JobFailed as failure:
                    raise SandboxError("the server failed", why=str(failure), fix="look at its log") from None
                else:
                    self.fleet.answered(lease)
                    return result
        if full:
            tries = self._settings.tries
            raise SandboxError(f"refused {tries} times by a full queue", fix="ask again later, or start another server")
        raise self.fleet.unreachable()

    async def _in_time(self, course: _Course, size: int, seconds: float | None) -> verdict_pb2.ScoreResponse:
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        try:
            async with asyncio.timeout_at(end):
                while True:
                    async with self.fleet.lease(size, course.avoid) as lease:
                        answer = await self._try(course, lease, end)
                    if answer is not None:
                        return answer
                    self._memory.resent()
        except Unreachable as error:
            if not self._memory.reached:
                raise
            course.why = str(error)
        except TimeoutError:
            if self.fleet.all_down and not self._memory.reached:
                raise self.fleet.unreachable() from None
            course.why = f"no answer within {seconds:g} s"
        return course.given_up()

    async def _try(self, course: _Course, lease: Lease, end: float | None) -> verdict_pb2.ScoreResponse | None:
        """One sending. None: once more."""
        try:
            answer = await self._ask(course, lease, end)
        except ServerFailed as failure:
            self.fleet.failed(lease, str(failure))
            course.failed += 1
            course.why = f"sent {course.failed} times without an answer; at last: {failure}"
            return course.given_up() if course.failed >= self._settings.tries else None
        except ServerBusy as busy:
            self.fleet.busy(lease, busy.seconds)
            course.busy += 1
            course.why = f"refused {course.busy} times by a full queue"
            return course.given_up() if course.busy >= self._settings.tries * _BUSY_TRIES else None
        except JobFailed as failure:
            answer = fault_answer(course.request.id, f"the server failed: {failure}")
        except Rejected as rejected:
            answer = rejected_answer(course.request.id, rejected)  # its suite was refused
        self.fleet.answered(lease)
        return self._final(course, lease.server, answer)

    async def _ask(self, course: _Course, lease: Lease, end: float | None) -> verdict_pb2.ScoreResponse:
        """Asks, and sends the suite first where the server does not have it."""
        uploads = 0
        while True:
            now = asyncio.get_running_loop().time()
            left = None if end is None else end - now
            answer = await course.ask(lease.server.connection, course.request, left)
            check(answer)
            suite = self._missing_suite(course.request, answer)
            if suite is None or uploads == _UPLOADS:
                return answer
            await lease.server.connection.put_suite_once(course.request.tests_ref, suite, now)
            uploads += 1

    def _missing_suite(self, request: job_pb2.ScoreRequest, answer: verdict_pb2.ScoreResponse) -> bytes | None:
        if answer.WhichOneof("outcome") != "rejected" or answer.rejected.code != verdict_pb2.NOT_FOUND:
            return None
        return self._memory.suites.get(request.tests_ref)

    def _final(
        self, course: _Course, server: Server, answer: verdict_pb2.ScoreResponse
    ) -> verdict_pb2.ScoreResponse | None:
        """The answer as the caller gets it. None: another server is to be asked."""
        outcome = answer.WhichOneof("outcome")
        if outcome == "rejected" and answer.rejected.code == verdict_pb2.DEADLINE_EXCEEDED:
            # Nothing was scored, and nothing is wrong with the job.
            return fault_answer(course.request.id, f"not in time: {answer.rejected.message}")
        if outcome == "fault" and course.fault is None and self._settings.retry_faults and self.fleet.has_other(server):
            course.fault, course.avoid = answer, server
            return None
        return answer


def _too_large(size: int, most: int) -> Rejected:
    return Rejected("", f"the job has {size} bytes, at most {most} are sent", "send its tests once, with `with_suite`")
