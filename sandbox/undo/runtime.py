"""The action runtime: what `ActionService` and the command line both call. One method for each verb of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from sandbox.v1 import action_pb2


class Actions(Protocol):
    """Raises JobError for a bad request (with the field, and the fix), FaultError for a failure of ours."""

    async def execute(self, request: action_pb2.ExecuteRequest) -> action_pb2.ExecuteResponse:
        """Runs an action."""

    async def list_actions(self, request: action_pb2.ListActionsRequest) -> action_pb2.ListActionsResponse:
        """Actions, newest first."""

    async def get(self, request: action_pb2.GetActionRequest) -> action_pb2.Action:
        """One action."""

    async def diff(self, request: action_pb2.DiffRequest) -> action_pb2.DiffResponse:
        """Its effects."""

    async def commit(self, request: action_pb2.CommitRequest) -> action_pb2.TransitionResponse:
        """Promotes what is held."""

    async def undo(self, request: action_pb2.UndoRequest) -> action_pb2.TransitionResponse:
        """Takes back."""

    async def redo(self, request: action_pb2.RedoRequest) -> action_pb2.TransitionResponse:
        """Applies again what was undone."""

    async def verify(self, request: action_pb2.VerifyRequest) -> action_pb2.VerifyResponse:
        """Proves the journal, and the world."""

    def watch(self, request: action_pb2.WatchRequest) -> AsyncIterator[action_pb2.WatchResponse]:
        """Actions as they change."""

    async def recover(self) -> list[str]:
        """What was found cut short, and what became of it: a sentence each. Done once at start, too."""

    async def collect_garbage(self) -> dict[str, int]:
        """Drops what is past its time: held actions, pre-images. Counts by name."""
