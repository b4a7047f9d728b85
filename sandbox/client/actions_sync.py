"""The synchronous `client.actions`: the asynchronous one, waited for. May be shared by many threads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from sandbox.client import background
from sandbox.client.action_requests import ExecuteOptions
from sandbox.client.episode import AsyncBranch, AsyncEpisode, Place
from sandbox.v1 import action_pb2

if TYPE_CHECKING:
    from sandbox.client.aio import AsyncClient


class Actions:
    """ActionService of a client's first server; `sandbox.client.actions.AsyncActions` says what each method does."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    def execute(
        self, workspace: str, command: Sequence[str] = (), **options: Unpack[ExecuteOptions]
    ) -> action_pb2.ExecuteResponse:
        """Runs a command (a list of words), or the `program` in `options`, on a branch of a workspace."""
        return background.run(self._client, self._client.actions.execute(workspace, command, **options))

    def list(self, workspace: str = "", *, branch: str = "", limit: int = 0) -> list[action_pb2.Action]:
        """Actions, newest first."""
        return background.run(self._client, self._client.actions.list(workspace, branch=branch, limit=limit))

    def get(self, id: str) -> action_pb2.Action:
        """One action."""
        return background.run(self._client, self._client.actions.get(id))

    def diff(self, id: str, *, text_bytes: int = 0) -> action_pb2.DiffResponse:
        """Its effects; of changed text files at most so many bytes of diff each."""
        return background.run(self._client, self._client.actions.diff(id, text_bytes=text_bytes))

    def commit(self, id: str) -> action_pb2.TransitionResponse:
        """Leads the workspace to what the action left. `done` is false where others changed it meanwhile."""
        return background.run(self._client, self._client.actions.commit(id))

    def undo(
        self,
        id: str = "",
        *,
        to: str = "",
        branch: str = "",
        cascade: bool = False,
        rebase: bool = False,
        dry_run: bool = False,
    ) -> action_pb2.TransitionResponse:
        """Takes an action back, or all that was committed after `to`, or a whole branch."""
        undone = self._client.actions.undo(id, to=to, branch=branch, cascade=cascade, rebase=rebase, dry_run=dry_run)
        return background.run(self._client, undone)

    def redo(self, id: str) -> action_pb2.TransitionResponse:
        """Applies an undone action's effects again, as a new action."""
        return background.run(self._client, self._client.actions.redo(id))

    def verify(self, id: str = "", *, checkpoint: str = "") -> action_pb2.VerifyResponse:
        """Proves the journal; with `id` the world, too."""
        return background.run(self._client, self._client.actions.verify(id, checkpoint=checkpoint))

    def watch(self, workspace: str = "", *, from_record: int = 0) -> Iterator[action_pb2.WatchResponse]:
        """Actions as they change, without an end; leave the loop to end it."""
        changes = self._client.actions.watch(workspace, from_record=from_record)
        with background.busy(self._client):
            try:
                while (change := background.run(self._client, _next(changes))) is not None:
                    yield change
            finally:
                background.finish(changes.aclose())

    def episode(self, workspace: str, **options: Unpack[ExecuteOptions]) -> Episode:
        """Branches that belong together, and are all discarded when the block ends. `options` are for every action."""
        return Episode(self._client, self._client.actions.episode(workspace, **options))


class Branch:
    """A branch of an episode; `place` holds the arguments of `Job` that make a job run there."""

    def __init__(self, client: AsyncClient, branch: AsyncBranch) -> None:
        self._client, self._branch = client, branch

    @property
    def name(self) -> str:
        """Its full name, as the server knows it."""
        return self._branch.name

    @property
    def place(self) -> Place:
        """`workspace` and `branch`."""
        return self._branch.place

    def execute(self, command: Sequence[str] = (), **options: Unpack[ExecuteOptions]) -> action_pb2.ExecuteResponse:
        """Runs an action that sees what earlier actions of this branch left."""
        return background.run(self._client, self._branch.execute(command, **options))

    def discard(self) -> None:
        """Drops the branch and all that is held in it."""
        background.run(self._client, self._branch.discard())


class Episode:
    """Branches by name, unique to this episode."""

    def __init__(self, client: AsyncClient, episode: AsyncEpisode) -> None:
        self._client, self._episode = client, episode

    def branch(self, name: str, *, start: Branch | None = None) -> Branch:
        """The branch of that name; a new one begins where `start` is then, or at the workspace as it is."""
        return Branch(self._client, self._episode.branch(name, start=start._branch if start else None))

    def discard(self) -> None:
        """Drops every branch, newest first."""
        background.run(self._client, self._episode.discard())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        background.run(self._client, self._episode.__aexit__(kind, error, trace))


async def _next(
    changes: AsyncGenerator[action_pb2.WatchResponse, None],
) -> action_pb2.WatchResponse | None:
    return await anext(changes, None)
