"""An episode: named branches of one workspace, all of which are discarded when it ends.

async with client.actions.episode("/srv/work") as episode:
    left, right = episode.branch("left"), episode.branch("right")
    await left.execute(["sed", "-i", "s/a/b/", "x.py"])
    reward = await client.score(Job(code, **left.place).effects(...))
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypedDict, Unpack, cast

from sandbox.client.action_calls import ActionCalls
from sandbox.client.action_requests import ExecuteOptions, execute_request, undo_request
from sandbox.client.errors import Rejected
from sandbox.errors import SandboxError
from sandbox.v1 import action_pb2

_log = logging.getLogger("sandbox.client")
# What is left of a server's 128 characters after an episode's own name.
_NAME = re.compile(r"[A-Za-z0-9._+@:-]{1,96}")


class Place(TypedDict):
    """Where a job runs: arguments of `Job`."""

    workspace: str
    branch: str


class AsyncBranch:
    """A branch of an episode: made by the server when its first action runs."""

    def __init__(self, calls: ActionCalls, workspace: str, name: str, start: str, options: ExecuteOptions) -> None:
        self.place = Place(workspace=workspace, branch=name)
        self.name = name
        self._calls, self._workspace, self._start, self._options = calls, workspace, start, options
        self._made = False

    async def execute(
        self, command: Sequence[str] = (), **options: Unpack[ExecuteOptions]
    ) -> action_pb2.ExecuteResponse:
        """Runs an action that sees what earlier actions of this branch left."""
        start = "" if self._made else self._start
        given = cast(ExecuteOptions, {**self._options, **options, "branch": self.name, "branch_from": start})
        answer = await self._calls.execute(execute_request(self._workspace, command, **given))
        self._made = True
        return answer

    async def discard(self) -> None:
        """Drops the branch and all that is held in it. One that was never made is none."""
        try:
            await self._calls.undo(undo_request(branch=self.name))
        except Rejected as rejected:
            if rejected.code != "NOT_FOUND":
                raise
        self._made = False


class AsyncEpisode:
    """Branches by name, unique to this episode."""

    def __init__(self, calls: ActionCalls, workspace: str, options: ExecuteOptions) -> None:
        self._calls, self._workspace, self._options = calls, workspace, options
        self._prefix = f"episode-{uuid.uuid4().hex[:16]}"
        self._branches: dict[str, AsyncBranch] = {}

    def branch(self, name: str, *, start: AsyncBranch | None = None) -> AsyncBranch:
        """The branch of that name; a new one begins where `start` is then, or at the workspace as it is.

        Raises Rejected for a name that no branch may have.
        """
        if not _NAME.fullmatch(name):
            raise Rejected("branch", f"{name[:40]!r} is no name of a branch", "letters, digits and ._+@:- , at most 96")
        if name not in self._branches:
            full = f"{self._prefix}.{name}"
            self._branches[name] = AsyncBranch(
                self._calls, self._workspace, full, start.name if start else "", self._options
            )
        return self._branches[name]

    async def discard(self) -> None:
        """Drops every branch, newest first; goes on past one that cannot be dropped, and then raises why."""
        first: SandboxError | None = None
        for branch in reversed(self._branches.values()):
            try:
                await branch.discard()
            except SandboxError as error:
                first = first or error
        self._branches.clear()
        if first is not None:
            raise first

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.discard()
        except SandboxError as failure:
            if error is None:
                raise
            # What ended the block says more; the server drops held branches when their time is over.
            _log.warning("an episode of %s was not discarded: %s", self._workspace, failure)
