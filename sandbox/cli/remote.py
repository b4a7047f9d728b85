"""A scorer on the other end of a gRPC stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc

from sandbox.answer import rejection
from sandbox.cli.exits import ServerError
from sandbox.cli.flow import fault, room_for
from sandbox.errors import JobError, SandboxError
from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2

_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_GREETING_S = 10


class Remote:
    """One ScoreStream; answers find their jobs by id."""

    def __init__(self, address: str, stub: Any, limits: reward_pb2.ServerLimits) -> None:
        self.room = room_for(limits.cells)
        self.lost: SandboxError | None = None
        self._address = address
        self._max_bytes = limits.max_message_bytes
        self._waiting: dict[str, asyncio.Future[verdict_pb2.ScoreResponse]] = {}
        self._writing = asyncio.Lock()
        self._call: Any = stub.ScoreStream()
        self._reader = asyncio.create_task(self._read())

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The server's answer; a fault where the server went away before it gave one."""
        if request.ByteSize() > self._max_bytes:  # it would end the stream, and the other jobs with it
            message = f"has {request.ByteSize()} bytes, and the server takes {self._max_bytes}"
            return rejection(
                request.id, JobError("", message, "send its tests once, with PutSuite, and name them by tests_ref")
            )
        answer: asyncio.Future[verdict_pb2.ScoreResponse] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = answer
        try:
            if self.lost is None:
                with suppress(grpc.RpcError, asyncio.InvalidStateError):  # the reader sees the same, and says why
                    async with self._writing:
                        await self._call.write(reward_pb2.StreamRequest(score=request))
            elif not answer.done():
                answer.set_result(fault(request.id, self.lost.subject))
            return await answer
        finally:
            self._waiting.pop(request.id, None)

    async def close(self) -> None:
        """Ends the stream; what is still in flight is cancelled there."""
        self._call.cancel()
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader

    async def _read(self) -> None:
        why = "the server ended the stream"
        try:
            async for answer in self._call:
                waiting = self._waiting.get(answer.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except grpc.aio.AioRpcError as error:
            why = _reason(error)
        self.lost = ServerError(
            f"lost the server at {self._address}", why=why, fix="score the jobs that ended in a fault again"
        )
        for job_id, waiting in self._waiting.items():
            if not waiting.done():
                waiting.set_result(fault(job_id, f"{self.lost.subject}: {why}"))


@asynccontextmanager
async def remote(address: str) -> AsyncIterator[Remote]:
    """A scorer on the server at `address`. Raises ServerError where none answers."""
    async with grpc.aio.insecure_channel(address, options=_OPTIONS) as channel:
        stub: Any = reward_pb2_grpc.RewardServiceStub(channel)
        try:
            offered = await stub.Describe(reward_pb2.DescribeRequest(), timeout=_GREETING_S)
        except grpc.aio.AioRpcError as error:
            raise ServerError(
                f"no reward server answers at {address}", why=_reason(error), fix=f"sandbox serve --listen {address}"
            ) from error
        scorer = Remote(address, stub, offered.limits)
        try:
            yield scorer
        finally:
            await scorer.close()


def _reason(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name}: {error.details()}"
