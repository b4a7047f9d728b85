"""Cells that a test drives itself: a spawner, plans and pools on the test's own event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from sandbox.catalog import Catalog
from sandbox.jail.cell import Cell
from sandbox.jail.pool import Pool
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.model.outcome import Ended
from sandbox.model.plan import CellPlan, File, TestPlan
from sandbox.planner import Planner
from tests.jail.traces import Spawner, eventually, spawners_of


@dataclass
class Bench:
    """A spawner with what is needed to start cells and to look at them from outside."""

    client: SpawnerClient
    catalog: Catalog
    planner: Planner

    def plan(self, policy: str = "", main: str = "main.py") -> CellPlan:
        """The plan of the cells for Python programs."""
        return self.planner.run(self.catalog.runtime("python"), self.catalog.policy(policy), main)

    def pool(self, size: int = 1) -> Pool:
        return Pool(self.client, size, spare=size)

    @property
    def spawner(self) -> Spawner:
        """The spawner as the machine shows it."""
        (spawner,) = spawners_of(os.getpid())
        return spawner

    @asynccontextmanager
    async def cell(self, policy: str = "") -> AsyncIterator[Cell]:
        """A new cell, ended with the block."""
        cell = Cell(self.client, self.plan(policy))
        await cell.start()
        try:
            yield cell
        finally:
            await end(cell)


async def end(cell: Cell) -> None:
    """Ends a cell, and waits until it is gone."""
    cell.kill()
    await eventually(lambda: not cell.pid, why="the death of a cell")


def begin(cell: Cell, source: str, files: tuple[File, ...] = ()) -> None:
    """Opens a program of one file, or of several."""
    cell.open_program((File("main.py", source.encode()), *files), cell.plan.limits.disk_bytes)


def one_run(cell: Cell, stdin: bytes = b"", **limits: int) -> TestPlan:
    """One run of `main.py`; `limits` replace the policy's."""
    return TestPlan("main", replace(cell.plan.limits, **limits), stdin=stdin, argv=("main",))


async def run(cell: Cell, source: str, stdin: bytes = b"", **limits: int) -> Ended:
    """One program with one test."""
    begin(cell, source)
    try:
        return await cell.submit(one_run(cell, stdin, **limits))
    finally:
        cell.end_program()


def catalog_of_python() -> Catalog:
    """What a server offers, without the languages that would have to prove themselves by building something."""
    catalog = Catalog()
    catalog.runtimes = {"python": catalog.runtimes["python"]}
    return catalog


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """A spawner on the running event loop. Fails where it leaves anything behind."""
    client = SpawnerClient()
    client.start()
    client.attach(asyncio.get_running_loop())
    made = Bench(client, catalog_of_python(), Planner())
    spawner = made.spawner
    try:
        yield made
    finally:
        client.close()
    assert spawner.left() == {}
