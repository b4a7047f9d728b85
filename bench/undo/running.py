"""The runtime of actions, for sections that run some."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bench.model import BenchError
from sandbox.engine import start_spawner
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.settings import Settings
from sandbox.undo import open_actions
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.v1 import action_pb2


@asynccontextmanager
async def spawning() -> AsyncIterator[SpawnerClient]:
    """What starts jails, on the running loop."""
    spawner = start_spawner()
    spawner.attach(asyncio.get_running_loop())
    try:
        yield spawner
    finally:
        spawner.close()


@asynccontextmanager
async def runtime(root: Path, state: Path) -> AsyncIterator[ActionRuntime]:
    """One with a cell of its own, for workspaces under `root`."""
    settings = Settings(cells=1, workspace_roots=(root,), state=state)
    async with spawning() as spawner, open_actions(settings, spawner) as found:
        yield found


async def run(
    actions: ActionRuntime,
    workspace: Path,
    command: tuple[str, ...] = (),
    *,
    mode: action_pb2.Action.Mode = action_pb2.Action.HOLD,
    program: str = "",
    branch: str = "",
) -> action_pb2.Action:
    """Runs an action that has to succeed. Raises BenchError."""
    request = action_pb2.ExecuteRequest(workspace=str(workspace), command=command, mode=mode, branch=branch)
    if program:
        request.program.language, request.program.source = "python", program
    answer = await actions.execute(request)
    if answer.action.exit_code or answer.action.refused or answer.action.signal:
        raise BenchError(f"an action did not do what it has to: {str(answer)[:2000]}")
    return answer.action


async def undo(actions: ActionRuntime, action: str) -> None:
    """Takes it back. Raises BenchError where that is refused."""
    answered = await actions.undo(action_pb2.UndoRequest(id=action))
    if not answered.done:
        raise BenchError(f"an action was not undone: {str(answered)[:2000]}")


async def milliseconds_of(act: Callable[[], Awaitable[object]]) -> float:
    """How long one call takes."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await act()
    return (loop.time() - began) * 1e3
