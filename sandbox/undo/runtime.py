"""The action runtime: what `ActionService` and the command line both call. One method for each verb of the contract."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.v1 import action_pb2


@dataclass(frozen=True, slots=True)
class Rescored:
    """One verdict of the journal under another scheme. None: nothing was scored, and `why` says the reason."""

    action: str
    before: float | None
    after: float | None
    why: str = ""


class ActionVerbs(Protocol):
    """The verbs that a server offers, too.

    Raises JobError for a bad request (with the field, and the fix), FaultError for a failure of ours.

    Requests that `sandbox/undo/bounds.py` refuses never arrive. An id may be given by any beginning of it that only one
    action has. Whoever waits may be cancelled (a deadline, a client that hung up): a command is then killed and its
    branch dropped, while a transition that has begun is finished first.
    """

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

    def watch(self, request: action_pb2.WatchRequest) -> AsyncGenerator[action_pb2.WatchResponse, None]:
        """Actions as they change, without an end. Closed when nobody wants more."""


class Actions(ActionVerbs, Protocol):
    """All verbs: those of a server, and those for whoever owns the journal."""

    async def recover(self) -> list[str]:
        """What was found cut short, and what became of it: a sentence each. Done once at start, too."""

    async def collect_garbage(self) -> dict[str, int]:
        """Drops what is past its time: held actions, pre-images. Counts by name."""

    async def rescore(self, scheme: str, params: Mapping[str, Any], actions: Sequence[str]) -> list[Rescored]:
        """Scores verdicts of the journal from their evidence, runs nothing. No `actions`: all that have a verdict."""
