"""Cells that are ready, and the order in which programs get them.

At most `size` programs run at one time; the others wait in the order in which they came. A cell goes back to its shelf
after each program and serves the next one of the same plan; what is on no shelf is started when it is asked for.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.jail.cell import Cell
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.model.outcome import JailFault
from sandbox.model.plan import CellPlan

_START_TRIES = 3


class Pool:
    """All cells of one purpose. Used from one event loop."""

    def __init__(self, spawner: SpawnerClient, size: int, spare: int) -> None:
        self._spawner = spawner
        self._free = size
        self._spare = spare
        self._shelves: OrderedDict[CellPlan, list[Cell]] = OrderedDict()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._cells: set[Cell] = set()

    @property
    def cells(self) -> int:
        """Cells alive, busy or idle."""
        return len(self._cells)

    @asynccontextmanager
    async def cell(self, plan: CellPlan) -> AsyncIterator[Cell]:
        """A cell for one program. However the block ends, what the program left is killed before the next one's turn.

        Raises JailFault when no cell can be started.
        """
        await self._enter()
        try:
            cell = self._from_shelf(plan) or await self._start(plan)
            try:
                yield cell
            finally:
                self._put_back(cell)
        finally:
            self._leave()

    async def warm(self, plan: CellPlan, count: int) -> None:
        """Starts `count` cells ahead. Raises JailFault."""
        for cell in await asyncio.gather(*(self._start(plan) for _ in range(count))):
            self._shelve(cell)

    def close(self) -> None:
        """Ends every cell."""
        for cell in [*self._cells]:
            cell.kill()

    async def _enter(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the turn came, and nobody is there to take it
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _from_shelf(self, plan: CellPlan) -> Cell | None:
        shelf = self._shelves.get(plan)
        while shelf:
            cell = shelf.pop()
            if cell.fault is None:
                return cell
        return None

    async def _start(self, plan: CellPlan) -> Cell:
        for attempt in range(_START_TRIES):
            cell = Cell(self._spawner, plan)
            cell.on_death = self._cells.discard
            self._cells.add(cell)
            try:
                await cell.start()
            except JailFault:
                self._cells.discard(cell)
                if attempt == _START_TRIES - 1:
                    raise
            except asyncio.CancelledError:
                cell.kill()
                raise
            else:
                return cell
        raise AssertionError("unreachable")

    def _put_back(self, cell: Cell) -> None:
        try:
            cell.end_program()
        except JailFault:
            return
        self._shelve(cell)

    def _shelve(self, cell: Cell) -> None:
        self._shelves.setdefault(cell.plan, []).append(cell)
        self._shelves.move_to_end(cell.plan)
        while sum(len(shelf) for shelf in self._shelves.values()) > self._spare:
            oldest = next(iter(self._shelves))
            if not self._shelves[oldest]:
                del self._shelves[oldest]
                continue
            self._shelves[oldest].pop(0).kill()
