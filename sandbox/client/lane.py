"""One stream to one server: many jobs in flight, answers in any order, matched by ids of our own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import grpc

from sandbox.client.connection import Connection
from sandbox.client.dispatch import bounded
from sandbox.client.wire import ServerFailed, raise_unless_job, reason
from sandbox.errors import SandboxError
from sandbox.v1 import job_pb2, reward_pb2, verdict_pb2


class Lane:
    """A stream, from its first job until it breaks or is closed."""

    def __init__(self, connection: Connection) -> None:
        self.broken = False
        self._why = ""
        self._refusal: SandboxError | None = None
        self._flying: dict[str, asyncio.Future[verdict_pb2.ScoreResponse]] = {}
        self._outbox: asyncio.Queue[reward_pb2.StreamRequest | None] = asyncio.Queue()
        self._numbers = itertools.count()
        self._call = connection.stream(self._requests())
        self._reader = asyncio.create_task(self._read())

    async def ask(self, request: job_pb2.ScoreRequest, seconds: float | None) -> verdict_pb2.ScoreResponse:
        """Sends one job and waits for its answer. Raises ServerFailed when the stream breaks."""
        if self.broken:
            raise self._failure()
        number = str(next(self._numbers))
        sent = reward_pb2.StreamRequest(score=request)
        sent.score.id = number
        bounded(sent.score, seconds)
        answered: asyncio.Future[verdict_pb2.ScoreResponse] = asyncio.get_running_loop().create_future()
        self._flying[number] = answered
        self._outbox.put_nowait(sent)
        try:
            answer = await answered
        except asyncio.CancelledError:
            self._outbox.put_nowait(reward_pb2.StreamRequest(cancel=reward_pb2.Cancel(id=number)))
            raise
        finally:
            self._flying.pop(number, None)
        answer.id = request.id
        return answer

    async def close(self) -> None:
        """Ends the stream; the server drops what is still in flight on it."""
        self._break("the stream was closed")
        self._call.cancel()
        self._reader.cancel()
        await asyncio.wait([self._reader])

    async def _requests(self) -> AsyncIterator[reward_pb2.StreamRequest]:
        # gRPC asks for the next one when the server has taken the last: this is where back-pressure ends up.
        while (sent := await self._outbox.get()) is not None:
            if sent.HasField("cancel") or sent.score.id in self._flying:
                yield sent

    async def _read(self) -> None:
        try:
            async for answer in self._call:
                answered = self._flying.get(answer.id)
                if answered is not None and not answered.done():
                    answered.set_result(answer)
            self._break("the server ended the stream")
        except asyncio.CancelledError:
            self._break("the stream was closed")
            raise
        except grpc.aio.AioRpcError as error:
            try:
                raise_unless_job(error)
            except SandboxError as refusal:
                self._refusal = refusal
            except ServerFailed:
                pass
            self._break(reason(error))

    def _break(self, why: str) -> None:
        if not self.broken:
            self.broken, self._why = True, why
            self._outbox.put_nowait(None)
        for answered in self._flying.values():
            if not answered.done():
                answered.set_exception(self._failure())

    def _failure(self) -> Exception:
        return self._refusal or ServerFailed(self._why)
