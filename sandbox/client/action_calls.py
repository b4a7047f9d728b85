"""The calls of ActionService on one server: requests in, answers out, sent again only where that changes nothing.

A full queue refuses before anything happened, so any request may come back later. When the server goes away it may
have done what was asked: reading, Commit and Undo (twice is once) are sent again, and so is an Execute that carries an
idempotency key. Redo is not: it makes a new action.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from sandbox.client.connection import Connection
from sandbox.client.errors import Closed, ServerFault, Unreachable
from sandbox.client.memory import Memory
from sandbox.client.outcome import rejection_of
from sandbox.client.settings import Settings
from sandbox.client.wire import JobFailed, ServerBusy, ServerFailed, reason, rejected_in
from sandbox.errors import SandboxError
from sandbox.v1 import action_pb2, verdict_pb2

if TYPE_CHECKING:
    from sandbox.v1.action_pb2_grpc import ActionServiceAsyncStub

Answer = TypeVar("Answer", bound=Message)

_BUSY_TRIES = 5
_PAUSE = (0.05, 2.0)
_FIRST_PATIENCE = 5.0


class ActionCalls:
    """What `Actions` of the runtime does, on a server. Raises Rejected, ServerFault, Unreachable, SandboxError.

    Actions are kept where they took place, so of several addresses all calls go to the first.
    """

    def __init__(self, connection: Callable[[], Connection], settings: Settings, memory: Memory) -> None:
        self._connection, self._settings, self._memory = connection, settings, memory

    async def execute(self, request: action_pb2.ExecuteRequest) -> action_pb2.ExecuteResponse:
        """Runs an action."""
        return await self._ask(lambda stub: stub.Execute, request, bool(request.idempotency_key))

    async def list_actions(self, request: action_pb2.ListActionsRequest) -> action_pb2.ListActionsResponse:
        """Actions, newest first."""
        return await self._ask(lambda stub: stub.List, request)

    async def get(self, request: action_pb2.GetActionRequest) -> action_pb2.Action:
        """One action."""
        return await self._ask(lambda stub: stub.Get, request)

    async def diff(self, request: action_pb2.DiffRequest) -> action_pb2.DiffResponse:
        """Its effects."""
        return await self._ask(lambda stub: stub.Diff, request)

    async def commit(self, request: action_pb2.CommitRequest) -> action_pb2.TransitionResponse:
        """Promotes what is held."""
        return await self._ask(lambda stub: stub.Commit, request)

    async def undo(self, request: action_pb2.UndoRequest) -> action_pb2.TransitionResponse:
        """Takes back."""
        return await self._ask(lambda stub: stub.Undo, request)

    async def redo(self, request: action_pb2.RedoRequest) -> action_pb2.TransitionResponse:
        """Applies again what was undone."""
        return await self._ask(lambda stub: stub.Redo, request, again=False)

    async def verify(self, request: action_pb2.VerifyRequest) -> action_pb2.VerifyResponse:
        """Proves the journal, and the world."""
        return await self._ask(lambda stub: stub.Verify, request)

    async def watch(self, request: action_pb2.WatchRequest) -> AsyncGenerator[action_pb2.WatchResponse, None]:
        """Actions as they change; goes on after the last that was seen when the server was away for a while."""
        course = _Course(self._settings, self._memory, again=True)
        wanted = action_pb2.WatchRequest()
        wanted.CopyFrom(request)
        while True:
            connection = self._connection()
            call = connection.actions.Watch(wanted, metadata=connection.metadata)
            try:
                async for change in call:
                    course.answered()
                    wanted.from_record = change.record + 1
                    yield change
                raise SandboxError("the server ended the watch", fix="watch again")
            except grpc.aio.AioRpcError as error:
                pause = course.pause(error)
            except asyncio.CancelledError:
                _raise_if_closed(connection)
                raise
            finally:
                call.cancel()
            await asyncio.sleep(pause)

    async def _ask(
        self,
        method: Callable[[ActionServiceAsyncStub], Callable[..., Awaitable[Answer]]],
        request: Message,
        again: bool = True,
    ) -> Answer:
        try:
            async with asyncio.timeout(self._settings.timeout) as limit:
                return await self._until_answered(method, request, _Course(self._settings, self._memory, again), limit)
        except TimeoutError:
            raise SandboxError(
                f"no answer within {self._settings.timeout:g} s",
                why="" if again else "whether it took place is not known",
                fix="look at the server",
            ) from None

    async def _until_answered(
        self,
        method: Callable[[ActionServiceAsyncStub], Callable[..., Awaitable[Answer]]],
        request: Message,
        course: _Course,
        limit: asyncio.Timeout,
    ) -> Answer:
        loop = asyncio.get_running_loop()
        while True:
            connection, end = self._connection(), limit.when()
            seconds = None if end is None else max(0.0, end - loop.time())
            try:
                answer = await method(connection.actions)(request, timeout=seconds, metadata=connection.metadata)
            except grpc.aio.AioRpcError as error:
                pause = course.pause(error)
            except asyncio.CancelledError:
                _raise_if_closed(connection)
                raise
            else:
                course.answered()
                return answer
            await asyncio.sleep(pause)


class _Course:
    """What happened to one request so far, and whether it is sent again."""

    def __init__(self, settings: Settings, memory: Memory, again: bool) -> None:
        self._settings, self._memory, self._again = settings, memory, again
        self._failed = self._busy = 0
        self._since: float | None = None

    def answered(self) -> None:
        """All is well with the server."""
        self._memory.reached = True
        self._failed, self._since = 0, None

    def pause(self, error: grpc.aio.AioRpcError) -> float:
        """The seconds to wait before it is sent again. Raises what the caller gets where it is not."""
        _raise_fault(error)
        try:
            rejected = rejected_in(error)
        except ServerFailed as failure:
            return self._after_failure(str(failure))
        except ServerBusy as busy:
            return self._after_refusal(busy.seconds, str(busy))
        except JobFailed as failure:
            raise ServerFault("INTERNAL", str(failure)) from None
        if rejected.code == verdict_pb2.RESOURCE_EXHAUSTED and rejected.retry_after_ms:
            return self._after_refusal(rejected.retry_after_ms / 1000, rejected.message)
        if rejected.code == verdict_pb2.UNAVAILABLE:
            return self._after_failure(rejected.message)
        raise rejection_of(rejected) from None

    def _after_refusal(self, seconds: float, why: str) -> float:
        self._memory.reached = True
        self._busy += 1
        if self._busy >= self._settings.tries * _BUSY_TRIES:
            raise SandboxError(f"refused {self._busy} times by a full queue", why=why, fix="come back later") from None
        return seconds * random.uniform(1.0, 1.5)

    def _after_failure(self, why: str) -> float:
        now = asyncio.get_running_loop().time()
        self._since = now if self._since is None else self._since
        self._failed += 1
        patience = self._settings.patience if self._memory.reached else min(self._settings.patience, _FIRST_PATIENCE)
        if not self._again:
            raise Unreachable(self._settings.addresses[:1], f"{why}; whether it took place is not known") from None
        if self._failed >= self._settings.tries or now - self._since >= patience:
            raise Unreachable(self._settings.addresses[:1], why) from None
        shortest, longest = _PAUSE
        return min(longest, shortest * 2.0 ** (self._failed - 1)) * random.uniform(0.5, 1.0)


def _raise_fault(error: grpc.aio.AioRpcError) -> None:
    """Raises ServerFault for what the server failed at, TimeoutError where gRPC's own clock ended the call."""
    metadata: dict[str, Any] = dict(error.trailing_metadata() or ())
    sent = metadata.get("sandbox-fault-bin")
    if isinstance(sent, bytes):
        try:
            fault = verdict_pb2.Fault.FromString(sent)
        except DecodeError:
            raise ServerFault("INTERNAL", reason(error)) from None
        kind = fault.kind if fault.kind in verdict_pb2.FaultKind.values() else verdict_pb2.INTERNAL
        raise ServerFault(verdict_pb2.FaultKind.Name(kind), fault.message) from None
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and "sandbox-rejected-bin" not in metadata:
        raise TimeoutError from None


def _raise_if_closed(connection: Connection) -> None:
    """Raises Closed where it was not the caller who cancelled."""
    task = asyncio.current_task()
    if connection.closed and task is not None and not task.cancelling():
        raise Closed from None
