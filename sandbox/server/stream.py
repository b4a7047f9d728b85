"""One ScoreStream: jobs come in, answers go out in order of completion, and neither piles up.

A job that was read waits for a place among those of all clients. Meanwhile the stream is read on, so that a cancel is
heard; but only a little, since what waits takes memory. Answers that the client does not take hold back its next jobs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TypeAlias

from sandbox.answer import internal_fault, rejection
from sandbox.errors import JobError
from sandbox.server.admission import Admission
from sandbox.v1 import job_pb2, reward_pb2, verdict_pb2

# What a stream may hold of jobs that have no place yet.
_AHEAD_JOBS, _AHEAD_BYTES = 64, 16 << 20

_Answer: TypeAlias = Callable[
    [job_pb2.ScoreRequest, AbstractAsyncContextManager[None]], Awaitable[verdict_pb2.ScoreResponse]
]


class Stream:
    """The jobs in flight on one stream."""

    def __init__(self, answer: _Answer, admission: Admission) -> None:
        self._answer = answer
        self._admission = admission
        self._tasks: dict[str, asyncio.Task[verdict_pb2.ScoreResponse]] = {}
        # Those of them that have no place, with their sizes, and those that were let through to take one.
        self._ahead: dict[str, int] = {}
        self._let_through: set[str] = set()
        self._answers: asyncio.Queue[verdict_pb2.ScoreResponse | None] = asyncio.Queue()
        self._read_all = False
        self._waiters: list[asyncio.Future[None]] = []

    async def next_answer(self) -> verdict_pb2.ScoreResponse | None:
        """The next job's answer, or None after the last."""
        answer = await self._answers.get()
        self._changed()
        return answer

    async def read(self, requests: AsyncIterator[reward_pb2.StreamRequest]) -> None:
        """Starts a task for each job, as long as there is room for it."""
        try:
            async for request in requests:
                if request.WhichOneof("request") == "cancel":
                    task = self._tasks.get(request.cancel.id)
                    if task is not None:
                        task.cancel()
                    continue
                self._begin(request.score)
                await self._until(self._may_read)
        finally:
            self._read_all = True
            self._end_if_done()

    def cancel_all(self) -> None:
        """Nobody listens any more."""
        for task in [*self._tasks.values()]:
            task.cancel()

    def _begin(self, job: job_pb2.ScoreRequest) -> None:
        if job.id in self._tasks:
            error = JobError(
                "id", f"{job.id!r} is in flight already", "give each job its own id", reject="ALREADY_EXISTS"
            )
            self._answers.put_nowait(rejection(job.id, error))
            return
        size = self._ahead[job.id] = job.ByteSize()
        task = asyncio.ensure_future(self._answer(job, self._place(job.id, size)))
        self._tasks[job.id] = task
        # A callback, since a task that is cancelled before its first step runs none of its own code.
        task.add_done_callback(partial(self._ended, job))

    @asynccontextmanager
    async def _place(self, name: str, size: int) -> AsyncIterator[None]:
        await self._until(self._may_start)
        self._let_through.add(name)
        async with self._admission.place(size):
            del self._ahead[name]
            self._changed()
            yield

    def _ended(self, job: job_pb2.ScoreRequest, task: asyncio.Task[verdict_pb2.ScoreResponse]) -> None:
        if task.cancelled():
            answer = rejection(job.id, JobError("", "cancelled by the client", reject="CANCELLED"))
        elif (error := task.exception()) is not None:
            answer = internal_fault(job, error)
        else:
            answer = task.result()
        self._answers.put_nowait(answer)
        del self._tasks[job.id]
        self._ahead.pop(job.id, None)
        self._let_through.discard(job.id)
        self._changed()
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._read_all and not self._tasks:
            self._answers.put_nowait(None)

    def _may_read(self) -> bool:
        ahead = self._ahead
        few = len(ahead) <= _AHEAD_JOBS and (len(ahead) < 2 or sum(ahead.values()) <= _AHEAD_BYTES)
        return few and self._answers.qsize() < self._admission.jobs

    def _may_start(self) -> bool:
        return len(self._let_through) + self._answers.qsize() < self._admission.jobs

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            turn = asyncio.get_running_loop().create_future()
            self._waiters.append(turn)
            await turn

    def _changed(self) -> None:
        waiters, self._waiters = self._waiters, []
        for turn in waiters:
            if not turn.done():
                turn.set_result(None)
