"""Cells without a server around them, in a process of their own: `python -m bench.bare_cells CELLS`.

Each line of standard input is a round, `TESTS SECONDS`; each answer is a line of JSON. Programs are opened, run with
two tests in flight, and closed, as the server does it; what comes out is only compared.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator

from bench.programs import Program, programs
from sandbox.catalog import Catalog
from sandbox.engine import start_spawner
from sandbox.jail.cell import Cell
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.model.outcome import Ended
from sandbox.model.plan import CellPlan, File, TestPlan
from sandbox.planner import Planner

_DEPTH = 2
_PR_SET_PDEATHSIG = 1


async def _serve(spawner: SpawnerClient, count: int) -> None:
    spawner.attach(asyncio.get_running_loop())
    try:
        catalog = Catalog()
        plan = Planner().run(catalog.runtime("python"), catalog.policy(""), "main.py")
        cells = [Cell(spawner, plan) for _ in range(count)]
        await asyncio.gather(*(cell.start() for cell in cells))
        # Nothing runs between rounds, so the loop may stand still while a line is awaited.
        for line in sys.stdin:
            tests, seconds = line.split()
            print(json.dumps(await _round(cells, int(tests), float(seconds))), flush=True)
        for cell in cells:
            cell.kill()
    finally:
        spawner.close()


async def _round(cells: list[Cell], tests: int, seconds: float) -> dict[str, float]:
    source = programs("python", tests)
    began, spent = time.perf_counter(), time.process_time()
    counts = await asyncio.gather(*(_drive(cell, source, began + seconds) for cell in cells))
    return {
        "tests": sum(counts),
        "seconds": time.perf_counter() - began,
        "driver": time.process_time() - spent,
    }


async def _drive(cell: Cell, source: Iterator[Program], deadline: float) -> int:
    count = 0
    while time.perf_counter() < deadline:
        program = next(source)
        await _run(cell, cell.plan, program)
        count += len(program.tests)
    return count


async def _run(cell: Cell, plan: CellPlan, program: Program) -> None:
    cell.open_program([File("main.py", program.source.encode())], plan.limits.disk_bytes)
    flying: deque[asyncio.Future[Ended]] = deque()
    for number, case in enumerate(program.tests, 1):
        test = TestPlan("main", plan.limits, stdin=case.stdin.encode(), argv=("main",))
        flying.append(cell.submit(test, last=number == len(program.tests)))
        if len(flying) == _DEPTH or number == len(program.tests):
            for _ in range(len(flying) if number == len(program.tests) else 1):
                place = number - len(flying)
                _compare(await flying.popleft(), program.tests[place].stdout)
    cell.end_program()


def _compare(ended: Ended, expected: str) -> None:
    if ended.stdout.decode() != expected:
        raise RuntimeError(f"a right program printed {ended.stdout[:200]!r}, {ended.stderr[-500:]!r}")


def main() -> None:
    """Entry of the process; it ends with its standard input, or with its parent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    asyncio.run(_serve(start_spawner(), int(sys.argv[1])))


if __name__ == "__main__":
    main()
