"""The reward service on the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeAlias

import grpc
from grpc import aio

from sandbox.answer import rejection
from sandbox.errors import JobError
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.server.describe import describe
from sandbox.server.stream import Stream
from sandbox.settings import Settings
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
                async with _time_of(request):
                    return await self._pipeline.score(request)
        except JobError as error:
            await _abort(context, error)
            raise

    async def ScoreStream(
        self, requests: AsyncIterator[reward_pb2.StreamRequest], context: _Context
    ) -> AsyncIterator[verdict_pb2.ScoreResponse]:
        """Many jobs; answers in order of completion."""
        stream = Stream(self.answer, self._admission)
        reader = asyncio.create_task(stream.read(requests))
        try:
            while (answer := await stream.next_answer()) is not None:
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

    async def answer(
        self, request: job_pb2.ScoreRequest, place: AbstractAsyncContextManager[None] | None = None
    ) -> verdict_pb2.ScoreResponse:
        """The answer to a job of a stream: rejections are answers, too. Its time runs while it waits for `place`."""
        try:
            async with _time_of(request), place or nullcontext():
                return await self._pipeline.score(request)
        except JobError as error:
            return rejection(request.id, error)


@asynccontextmanager
async def _time_of(request: job_pb2.ScoreRequest) -> AsyncIterator[None]:
    """Ends the block, and raises JobError, when the job's own time is over."""
    if not request.timeout_ms:
        yield
        return
    try:
        async with asyncio.timeout(request.timeout_ms / 1000):
            yield
    except TimeoutError:
        raise JobError(
            "timeout_ms", f"{request.timeout_ms} ms are over", "allow more time", reject="DEADLINE_EXCEEDED"
        ) from None


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
