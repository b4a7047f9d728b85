"""What recording costs an action that changes nothing: the same action in the same jail, with and without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench.bars import Bar
from bench.model import BenchError, Progress, Section
from bench.stats import median, percentile
from bench.undo.rounds import Sections, Taken, row
from bench.undo.running import milliseconds_of, run, runtime, spawning
from sandbox.catalog import Catalog
from sandbox.effects.branches.trash import emptied
from sandbox.jail.actions import ActionCells, ActionRun
from sandbox.jail.pool import Pool
from sandbox.planner import Planner
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.undo.asked import asked
from sandbox.undo.branches import BranchBook
from sandbox.undo.roots import Roots
from sandbox.v1 import action_pb2

_PAIRS = 60
_MOST_MS = 0.5
_COMMAND = ("true",)


def actions(taken: Taken, progress: Progress) -> Sections:
    """The table, and the bar for what is added."""
    yield asyncio.run(_measure(taken, progress))


async def _measure(taken: Taken, progress: Progress) -> Section:
    root = taken.folder / "actions"
    workspace = root / "workspace"
    workspace.mkdir(parents=True)
    (workspace / "file").write_bytes(b"what nobody changes\n")
    recorded: list[list[_Took]] = []
    bare: list[list[_Took]] = []
    with ExitStack() as stack:
        async with runtime(root, root / "state") as acting, spawning() as spawner:
            plain = _Bare(Pool(spawner, 1, 1), root, workspace)
            stack.callback(plain.close)
            cold = await milliseconds_of(lambda: run(acting, workspace, _COMMAND))
            cold_bare = await milliseconds_of(plain.run)
            for number in range(taken.rounds + 1):
                progress(f"round {number} of {taken.rounds}: pairs of actions")
                pairs = [await _pair(acting, workspace, plain, number_of % 2) for number_of in range(_PAIRS)]
                recorded.append([pair[0] for pair in pairs])
                bare.append([pair[1] for pair in pairs])
    # The first round warms up.
    del recorded[0], bare[0]
    with_it, without = [[median([took.wall for took in each]) for each in part] for part in (recorded, bare)]
    cpu, cpu_without = [[median([took.cpu for took in each]) for each in part] for part in (recorded, bare)]
    added = [one - other for one, other in zip(with_it, without, strict=True)]
    section = Section("an action without effects (ms)", ("", "p50", "", "p95", ""))
    section.rows += [
        row("`true`, recorded", with_it, [percentile([took.wall for took in each], 0.95) for each in recorded]),
        row("the same, unrecorded", without, [percentile([took.wall for took in each], 0.95) for each in bare]),
        row("added", added),
        row("added, CPU of this process", [one - other for one, other in zip(cpu, cpu_without, strict=True)]),
        row("the first one, with its cell", [cold]),
        row("the first one, unrecorded", [cold_bare]),
    ]
    section.remarks.append(
        f"{_PAIRS} pairs a round, in turns; unrecorded: branch opened, jail, branch discarded; no journal, no look"
    )
    section.data.update(recorded=with_it, unrecorded=without, cpu=cpu, cpu_unrecorded=cpu_without)
    section.bars.append(Bar.at_most("what recording adds to an action without effects", median(added), _MOST_MS, " ms"))
    return section


class _Took(NamedTuple):
    """Milliseconds. `cpu`: of this process, with all of its threads; the jail's is not in it."""

    wall: float
    cpu: float


async def _took(act: Callable[[], Awaitable[object]]) -> _Took:
    emptied()
    began = time.process_time_ns()
    wall = await milliseconds_of(act)
    emptied()
    return _Took(wall, (time.process_time_ns() - began) / 1e6)


async def _pair(acting: ActionRuntime, workspace: Path, plain: _Bare, turn: int) -> tuple[_Took, _Took]:
    async def recorded() -> None:
        found = await run(acting, workspace, _COMMAND)
        if found.effects:
            raise BenchError(f"an action without effects has {found.effects}")

    if turn:
        first = await _took(plain.run)
        return await _took(recorded), first
    first = await _took(recorded)
    return first, await _took(plain.run)


class _Bare:
    """The same cell and the same branch, and nothing else."""

    def __init__(self, pool: Pool, root: Path, workspace: Path) -> None:
        catalog = Catalog()
        request = action_pb2.ExecuteRequest(workspace=str(workspace), command=_COMMAND)
        self._asked = asked(request, catalog, Planner())
        self._cells, self._pool = ActionCells(pool), pool
        self._roots, self._book, self._workspace = Roots([root]), BranchBook(), str(workspace)

    async def run(self) -> None:
        """One action."""
        rules, limits = self._asked.policy.table.actions, self._asked.test.limits
        with self._roots.open(self._workspace) as workspace, self._book.open(workspace, rules) as branch:
            action = ActionRun(_COMMAND, limits, branch.mount, workspace.uid, workspace.gid)
            ended = await self._cells.run(self._asked.plan, action)
        if ended.exit_code != 0:
            raise BenchError(f"`true` ended with {ended}")

    def close(self) -> None:
        """Gives back what it holds."""
        self._pool.close()
        self._book.close()
        self._roots.close()
