"""The reward service on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext

from sandbox.answer import rejection
from sandbox.errors import JobError
from sandbox.matrix import fill
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.server.describe import describe
from sandbox.server.statuses import Context, abort, time_of
from sandbox.server.stream import Stream
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2


class RewardService(reward_pb2_grpc.RewardServiceServicer):
    """Score, ScoreStream, PutSuite, Matrix, Describe."""

    def __init__(self, pipeline: Pipeline, settings: Settings, admission: Admission | None = None) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._admission = admission or Admission(settings.queue, settings.flying_bytes)

    async def Score(self, request: job_pb2.ScoreRequest, context: Context) -> verdict_pb2.ScoreResponse:
        """One job; rejections are gRPC statuses here."""
        try:
            with self._admission.try_enter(request.ByteSize()):
                async with time_of(request.timeout_ms):
                    return await self._pipeline.score(request)
        except JobError as error:
            await abort(context, error)
            raise

    async def ScoreStream(
        self, requests: AsyncIterator[reward_pb2.StreamRequest], context: Context
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
        self, requests: AsyncIterator[reward_pb2.PutSuiteRequest], context: Context
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
            await abort(context, error)
            raise
        return reward_pb2.PutSuiteResponse(ref=ref, tests=tests)

    async def Matrix(self, request: matrix_pb2.MatrixRequest, context: Context) -> matrix_pb2.MatrixResponse:
        """Programs times tests: one place in the queue, and at most as many programs in flight as there are cells."""
        try:
            with self._admission.try_enter(request.ByteSize()):
                async with time_of(request.timeout_ms):
                    return await fill(request, self._pipeline, self._settings)
        except JobError as error:
            await abort(context, error)
            raise

    async def Describe(self, request: reward_pb2.DescribeRequest, context: Context) -> reward_pb2.DescribeResponse:
        """What is offered here."""
        return describe(self._pipeline.catalog, self._settings)

    async def answer(
        self, request: job_pb2.ScoreRequest, place: AbstractAsyncContextManager[None] | None = None
    ) -> verdict_pb2.ScoreResponse:
        """The answer to a job of a stream: rejections are answers, too. Its time runs while it waits for `place`."""
        try:
            async with time_of(request.timeout_ms), place or nullcontext():
                return await self._pipeline.score(request)
        except JobError as error:
            return rejection(request.id, error)
