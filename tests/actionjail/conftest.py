"""Actions on branches of folders: one spawner and one cell of each plan for a module, on the module's event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.jail.actions import ActionCells, ActionRun
from sandbox.jail.pool import Pool
from sandbox.model.outcome import Ended
from sandbox.model.plan import ACTION_IDS, ACTION_INIT_ID, CellPlan
from tests.actionjail.branches import Branch, branch_of
from tests.jail.cells import Bench, bench
from tests.jail.traces import Process


@dataclass
class Acting:
    """Runs actions as a test would write them."""

    jails: Bench
    pool: Pool
    offline: CellPlan
    online: CellPlan

    async def run(
        self, branch: Branch, *argv: str, uid: int = 0, gid: int = 0, limits: dict[str, int] | None = None, **how: Any
    ) -> Ended:
        """One action, in a cell that can reach the network if it is to have a listener."""
        plan = self.online if "on_listener" in how else self.offline
        bounds = replace(plan.limits, **{"wall_time_ms": 20_000, **(limits or {})})
        return await ActionCells(self.pool).run(plan, ActionRun(argv, bounds, branch.mount, uid, gid, **how))

    def actors(self) -> list[Process]:
        """What actions run, without the inits that run it."""
        processes = self.jails.spawner.processes()
        return [process for process in processes if 0 <= process.uid - ACTION_IDS < ACTION_INIT_ID]

    async def sh(self, branch: Branch, script: str, **how: Any) -> Ended:
        return await self.run(branch, "sh", "-c", script, **how)

    async def python(self, branch: Branch, source: str, **how: Any) -> Ended:
        return await self.run(branch, "python3", "-c", source, **how)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def acting() -> AsyncIterator[Acting]:
    """Cells for actions; the module fails where they leave anything behind."""
    async with bench() as jails:
        runtime, policy = jails.catalog.runtime("python"), jails.catalog.policy("actions")
        rules = policy.table.actions.model_copy(update={"egress": "any"})
        online = replace(policy, table=policy.table.model_copy(update={"name": "online", "actions": rules}))
        pool = jails.pool()
        yield Acting(jails, pool, jails.planner.action(runtime, policy), jails.planner.action(runtime, online))
        pool.close()


@pytest.fixture
def lower(tmp_path: Path) -> Path:
    """A workspace of root's: a file, a file in a folder, and one of them under a second name."""
    root = tmp_path / "workspace"
    (root / "folder").mkdir(parents=True)
    (root / "file").write_text("first\n")
    (root / "folder" / "inner").write_text("inner\n")
    (root / "twin").hardlink_to(root / "file")
    return root


@pytest.fixture
def branch(lower: Path) -> Iterator[Branch]:
    """A branch of that workspace."""
    with branch_of(lower) as made:
        yield made


def text(ended: Ended) -> str:
    """What an action printed, for those that are meant to succeed."""
    assert ended.exit_code == 0, ended
    return ended.stdout.decode()
