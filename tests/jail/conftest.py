"""Cells for the tests of this folder: one spawner for each module, on the module's event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sandbox.jail.cell import Cell
from tests.jail.cells import Bench, bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def jails() -> AsyncIterator[Bench]:
    """A spawner of the module's own; the module fails where it leaves anything behind."""
    async with bench() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def cell(jails: Bench) -> AsyncIterator[Cell]:
    """A new cell."""
    async with jails.cell() as made:
        yield made
