"""`client.actions`: commands and programs that act on a workspace, and what is done with their effects afterwards.

    async with AsyncClient("unix:/run/sandbox.sock") as client:
        held = (await client.actions.execute("/srv/work", ["make", "install"])).action
        print(await client.actions.diff(held.id, text_bytes=4096))
        await client.actions.commit(held.id)

The synchronous twin is in `sandbox/client/actions_sync.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Unpack

from sandbox.client.action_calls import ActionCalls
from sandbox.client.action_requests import ExecuteOptions, execute_request, undo_request
from sandbox.client.episode import AsyncEpisode
from sandbox.v1 import action_pb2

if TYPE_CHECKING:
    from sandbox.client.aio import AsyncClient


class AsyncActions:
    """ActionService of a client's first server. Raises Rejected, ServerFault, Unreachable, SandboxError.

    A command that fails, a refusal by the policy and a conflict are answers, and raise nothing.
    """

    def __init__(self, client: AsyncClient) -> None:
        self.calls = ActionCalls(client._first_connection, client._settings, client._memory)

    async def execute(
        self, workspace: str, command: Sequence[str] = (), **options: Unpack[ExecuteOptions]
    ) -> action_pb2.ExecuteResponse:
        """Runs a command (a list of words), or the `program` in `options`, on a branch of a workspace."""
        return await self.calls.execute(execute_request(workspace, command, **options))

    async def list(self, workspace: str = "", *, branch: str = "", limit: int = 0) -> list[action_pb2.Action]:
        """Actions, newest first."""
        request = action_pb2.ListActionsRequest(workspace=workspace, branch=branch, limit=limit)
        return [*(await self.calls.list_actions(request)).actions]

    async def get(self, id: str) -> action_pb2.Action:
        """One action."""
        return await self.calls.get(action_pb2.GetActionRequest(id=id))

    async def diff(self, id: str, *, text_bytes: int = 0) -> action_pb2.DiffResponse:
        """Its effects; of changed text files at most so many bytes of diff each."""
        return await self.calls.diff(action_pb2.DiffRequest(id=id, text_bytes=text_bytes))

    async def commit(self, id: str) -> action_pb2.TransitionResponse:
        """Leads the workspace to what the action left. `done` is false where others changed it meanwhile."""
        return await self.calls.commit(action_pb2.CommitRequest(id=id))

    async def undo(
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
        return await self.calls.undo(undo_request(id, to, branch, cascade, rebase, dry_run))

    async def redo(self, id: str) -> action_pb2.TransitionResponse:
        """Applies an undone action's effects again, as a new action."""
        return await self.calls.redo(action_pb2.RedoRequest(id=id))

    async def verify(self, id: str = "", *, checkpoint: str = "") -> action_pb2.VerifyResponse:
        """Proves the journal; with `id` the world, too."""
        return await self.calls.verify(action_pb2.VerifyRequest(id=id, checkpoint=checkpoint))

    def watch(self, workspace: str = "", *, from_record: int = 0) -> AsyncGenerator[action_pb2.WatchResponse, None]:
        """Actions as they change, without an end; `from_record` 0: from now on."""
        return self.calls.watch(action_pb2.WatchRequest(workspace=workspace, from_record=from_record))

    def episode(self, workspace: str, **options: Unpack[ExecuteOptions]) -> AsyncEpisode:
        """Branches that belong together, and are all discarded when the block ends. `options` are for every action."""
        return AsyncEpisode(self.calls, workspace, options)
