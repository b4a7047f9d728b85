"""The reward service on the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, TypeAlias

import grpc
from grpc import aio

from sandbox.answer import internal_fault
from sandbox.errors import JobError
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.server.describe import describe
from sandbox.server.settings import Settings
from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2

_Context: TypeAlias = aio.ServicerContext[Any, Any]


class RewardService(reward_pb2_grpc.RewardServiceServicer):
    """Score, ScoreStream, PutSuite, Describe."""

    def __init__(self, pipeline: Pipeline, settings: Settings) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._admission = Admission(settings.queue, settings.flying_bytes)

    async def Score(self, request: job_pb2.ScoreRequest, context: _Context) -> verdict_pb2.ScoreResponse:
        """One job; rejections are gRPC statuses here."""
        try:
            with self._admission.try_enter(request.ByteSize()):
                return await self._bounded(request)
        except JobError as error:
            await _abort(context, error)
            raise

    async def ScoreStream(
        self, requests: AsyncIterator[reward_pb2.StreamRequest], context: _Context
    ) -> AsyncIterator[verdict_pb2.ScoreResponse]:
        """Many jobs; answers in order of completion."""
        stream = _Stream(self, self._admission)
        reader = asyncio.create_task(stream.read(requests))
        try:
            while (answer := await stream.answers.get()) is not None:
                yield answer
            await reader
        finally:
            reader.cancel()
            stream.cancel_all()

    async def PutSuite(
        self, requests: AsyncIterator[reward_pb2.PutSuiteRequest], context: _Context
    ) -> reward_pb2.PutSuiteResponse:
        """Stores a suite, a chunk at a time."""
        data = bytearray()
        try:
            async for request in requests:
                data += request.chunk
                if len(data) > self._pipeline.suites.max_bytes:
                    break
            ref, tests = self._pipeline.suites.put(bytes(data))
        except JobError as error:
            await _abort(context, error)
            raise
        return reward_pb2.PutSuiteResponse(ref=ref, tests=tests)

    async def Describe(self, request: reward_pb2.DescribeRequest, context: _Context) -> reward_pb2.DescribeResponse:
        """What is offered here."""
        return describe(self._pipeline.catalog, self._settings)

    async def answer(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The answer to a job of a stream: rejections are answers, too."""
        try:
            return await self._bounded(request)
        except JobError as error:
            return rejection(request.id, error)

    async def _bounded(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        if not request.timeout_ms:
            return await self._pipeline.score(request)
        try:
            async with asyncio.timeout(request.timeout_ms / 1000):
                return await self._pipeline.score(request)
        except TimeoutError:
            raise JobError(
                "timeout_ms", f"{request.timeout_ms} ms are over", "allow more time", reject="DEADLINE_EXCEEDED"
            ) from None


class _Stream:
    """The jobs in flight on one stream."""

    def __init__(self, service: RewardService, admission: Admission) -> None:
        self._service = service
        self._admission = admission
        self._tasks: dict[str, asyncio.Task[verdict_pb2.ScoreResponse]] = {}
        self._read_all = False
        self.answers: asyncio.Queue[verdict_pb2.ScoreResponse | None] = asyncio.Queue()

    async def read(self, requests: AsyncIterator[reward_pb2.StreamRequest]) -> None:
        """Starts a task for each job as places come free; nobody reads on meanwhile, which is the back-pressure."""
        try:
            async for request in requests:
                if request.WhichOneof("request") == "cancel":
                    task = self._tasks.get(request.cancel.id)
                    if task is not None:
                        task.cancel()
                    continue
                await self._begin(request.score)
        finally:
            self._read_all = True
            self._end_if_done()

    async def _begin(self, job: job_pb2.ScoreRequest) -> None:
        if job.id in self._tasks:
            error = JobError(
                "id", f"{job.id!r} is in flight already", "give each job its own id", reject="ALREADY_EXISTS"
            )
            self.answers.put_nowait(rejection(job.id, error))
            return
        size = job.ByteSize()
        await self._admission.enter(size)
        task = asyncio.create_task(self._service.answer(job))
        self._tasks[job.id] = task
        # A callback, since a task that is cancelled before its first step runs none of its own code.
        task.add_done_callback(partial(self._ended, job, size))

    def _ended(self, job: job_pb2.ScoreRequest, size: int, task: asyncio.Task[verdict_pb2.ScoreResponse]) -> None:
        if task.cancelled():
            answer = rejection(job.id, JobError("", "cancelled by the client", reject="CANCELLED"))
        elif (error := task.exception()) is not None:
            answer = internal_fault(job, error)
        else:
            answer = task.result()
        self.answers.put_nowait(answer)
        del self._tasks[job.id]
        self._admission.leave(size)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._read_all and not self._tasks:
            self.answers.put_nowait(None)

    def cancel_all(self) -> None:
        """Nobody listens any more."""
        for task in [*self._tasks.values()]:
            task.cancel()


def rejection(job_id: str, error: JobError) -> verdict_pb2.ScoreResponse:
    """A bad job as an answer in place."""
    answer = verdict_pb2.ScoreResponse(id=job_id)
    answer.rejected.code = getattr(verdict_pb2, error.reject)
    answer.rejected.field = error.field
    answer.rejected.message = error.message
    answer.rejected.suggestion = error.suggestion
    answer.rejected.retry_after_ms = error.retry_after_ms
    return answer


async def _abort(context: _Context, error: JobError) -> None:
    """A bad job as a gRPC status; the message that a stream would carry goes along in the trailing metadata."""
    metadata: list[tuple[str, str | bytes]] = [
        ("sandbox-rejected-bin", rejection("", error).rejected.SerializeToString())
    ]
    if error.retry_after_ms:
        metadata.append(("retry-after-ms", str(error.retry_after_ms)))
    text = f"{error.field}: {error.message}" if error.field else error.message
    details = f"{text} ({error.suggestion})" if error.suggestion else text
    with contextlib.suppress(asyncio.CancelledError):
        await context.abort(getattr(grpc.StatusCode, error.reject), details, tuple(metadata))
