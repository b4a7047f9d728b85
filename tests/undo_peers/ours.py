"""This runtime, on a case: the change is an action that is committed, and then undone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.engine import start_spawner
from sandbox.settings import Settings
from sandbox.undo import open_actions
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.v1 import action_pb2
from tests.undo_peers.trees import Case


@asynccontextmanager
async def runtime(root: Path, state: Path) -> AsyncIterator[ActionRuntime]:
    """One for trees under `root`, with a warm cell."""
    spawner = start_spawner()
    spawner.attach(asyncio.get_running_loop())
    try:
        async with open_actions(Settings(cells=1, workspace_roots=(root,), state=state), spawner) as actions:
            yield actions
    finally:
        spawner.close()


async def undone(actions: ActionRuntime, case: Case, tree: Path) -> tuple[float, float, str]:
    """Milliseconds of the action and of its undo, and what the undo said where it refused."""
    request = action_pb2.ExecuteRequest(workspace=str(tree), mode=action_pb2.Action.COMMIT)
    request.program.language, request.program.source = "python", case.change
    began = time.perf_counter()
    answer = await actions.execute(request)
    acted = (time.perf_counter() - began) * 1e3
    if answer.action.status != "COMMITTED" and answer.action.status != action_pb2.Action.COMMITTED:
        raise RuntimeError(f"{case.name}: {str(answer)[:1000]}")
    if case.foreign:
        subprocess.run([sys.executable, "-I", "-c", case.foreign], cwd=tree, check=True)
    began = time.perf_counter()
    led = await actions.undo(action_pb2.UndoRequest(id=answer.action.id))
    return acted, (time.perf_counter() - began) * 1e3, "" if led.done else led.message
