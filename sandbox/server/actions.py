"""The action service on the wire."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

from google.protobuf.message import Message

from sandbox.errors import JobError, SandboxError
from sandbox.model.outcome import FaultError
from sandbox.server.admission import Admission
from sandbox.server.statuses import Context, abort, abort_for_fault, as_known, time_of
from sandbox.settings import Settings
from sandbox.undo import bounds
from sandbox.undo.runtime import Actions
from sandbox.v1 import action_pb2, action_pb2_grpc

Answer = TypeVar("Answer", bound=Message)
_WATCHERS = 64
_log = logging.getLogger("sandbox")


class ActionService(action_pb2_grpc.ActionServiceServicer):
    """Execute, List, Get, Diff, Commit, Undo, Redo, Verify, Watch, over what does them; None where nothing may be done.

    A deadline that is over and a client that hangs up cancel the call that waits in `actions`.
    """

    def __init__(self, actions: Actions | None, settings: Settings) -> None:
        self._actions = actions
        self._max_bytes = settings.max_message_bytes
        self._admission = Admission(settings.queue, settings.flying_bytes, "")
        self._watchers = 0

    async def Execute(self, request: action_pb2.ExecuteRequest, context: Context) -> action_pb2.ExecuteResponse:
        """Runs an action; its own failure is no failure of the call."""
        return await self._answer(request, context, lambda actions: actions.execute(request), request.timeout_ms)

    async def List(self, request: action_pb2.ListActionsRequest, context: Context) -> action_pb2.ListActionsResponse:
        """Actions, newest first."""
        return await self._answer(request, context, lambda actions: actions.list_actions(request))

    async def Get(self, request: action_pb2.GetActionRequest, context: Context) -> action_pb2.Action:
        """One action."""
        return await self._answer(request, context, lambda actions: actions.get(request))

    async def Diff(self, request: action_pb2.DiffRequest, context: Context) -> action_pb2.DiffResponse:
        """Its effects."""
        return await self._answer(request, context, lambda actions: actions.diff(request))

    async def Commit(self, request: action_pb2.CommitRequest, context: Context) -> action_pb2.TransitionResponse:
        """Promotes what is held; a conflict is an answer."""
        return await self._answer(request, context, lambda actions: actions.commit(request))

    async def Undo(self, request: action_pb2.UndoRequest, context: Context) -> action_pb2.TransitionResponse:
        """Takes back; a conflict is an answer."""
        return await self._answer(request, context, lambda actions: actions.undo(request))

    async def Redo(self, request: action_pb2.RedoRequest, context: Context) -> action_pb2.TransitionResponse:
        """Applies again."""
        return await self._answer(request, context, lambda actions: actions.redo(request))

    async def Verify(self, request: action_pb2.VerifyRequest, context: Context) -> action_pb2.VerifyResponse:
        """Proves the journal."""
        return await self._answer(request, context, lambda actions: actions.verify(request))

    async def Watch(
        self, request: action_pb2.WatchRequest, context: Context
    ) -> AsyncIterator[action_pb2.WatchResponse]:
        """Actions as they change, until the client hangs up."""
        try:
            actions = self._checked(request)
            with self._watching():
                # What watches is told at once when nobody listens any more, and not when it is collected.
                async with aclosing(actions.watch(request)) as changes:
                    async for change in changes:
                        yield change
        except Exception as error:
            await _refuse(context, error)
            raise

    async def _answer(
        self,
        request: Message,
        context: Context,
        ask: Callable[[Actions], Awaitable[Answer]],
        timeout_ms: int = 0,
    ) -> Answer:
        try:
            actions = self._checked(request)
            with self._admission.try_enter(request.ByteSize()):
                async with time_of(timeout_ms):
                    answer = await ask(actions)
            self._check_size(answer)
        except Exception as error:
            # The boundary where any failure of ours gets a status that says so.
            await _refuse(context, error)
            raise
        return answer

    def _checked(self, request: Message) -> Actions:
        if self._actions is None:
            raise JobError(
                "",
                "this server has no workspaces",
                "start it with `sandbox serve --workspace-root DIR`",
                reject="FAILED_PRECONDITION",
            )
        bounds.check(request)
        return self._actions

    def _check_size(self, answer: Message) -> None:
        if answer.ByteSize() > self._max_bytes:
            raise JobError(
                "",
                f"the answer has {answer.ByteSize()} bytes, and at most {self._max_bytes} are sent",
                "ask for less, or look with `sandbox diff` on the server's machine",
                reject="RESOURCE_EXHAUSTED",
            )

    @contextmanager
    def _watching(self) -> Iterator[None]:
        if self._watchers >= _WATCHERS:
            raise JobError("", f"{_WATCHERS} clients watch already", "watch once", reject="RESOURCE_EXHAUSTED")
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1


async def _refuse(context: Context, error: Exception) -> None:
    known: JobError | FaultError
    if isinstance(error, FaultError):
        known = error
    elif isinstance(error, SandboxError):
        known = as_known(error)
    else:
        _log.error("a call failed", exc_info=error)
        known = FaultError(f"{type(error).__name__}: {error}")
    if isinstance(known, FaultError):
        await abort_for_fault(context, known)
    else:
        await abort(context, known)
