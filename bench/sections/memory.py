"""What an idle cell has to itself, and whether the server grows."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Generator

import psutil

from bench.bars import Bar
from bench.costs import Meter, cell_processes
from bench.format import figure
from bench.model import Progress, Section, Settings
from bench.sections.python import FLYING
from bench.serving import Server, server
from bench.stats import median
from bench.streaming import Streamed, stub, warm_up

_MIB = 1 << 20
_BAR_MIB = 12.0
_KCMP = {"x86_64": 312, "aarch64": 272}
_KCMP_VM = 1


def memory(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """Before the first program, and after some."""
    with server(settings.cells) as served, stub(served) as connection:
        section = Section("memory, MiB", ("", "before", "after"))
        cells = _idle_cells(served)
        meter = Meter.of(served.pid)
        load = warm_up(Streamed("", "python", 1, "default", FLYING * settings.cells, connection, meter))
        before = _rss(served)
        tests = 0
        for number in range(1, settings.rounds + 1):
            progress(f"round {number} of {settings.rounds}: the server's memory")
            tests += load.measure(settings.seconds).tests
        after, used_cells = _rss(served), _idle_cells(served)
    section.rows += [
        ("an idle cell (median)", figure(median(cells)), figure(median(used_cells))),
        ("an idle cell (largest)", figure(max(cells)), figure(max(used_cells))),
        ("the server's process (RSS)", figure(before), figure(after)),
    ]
    grown = (after - before) * _MIB / tests
    section.remarks += [
        f"{len(cells)} cells; an idle cell: private memory (USS) of its jail and its init, numpy not loaded. The "
        "anchor that holds a program's namespaces is a process in the init's address space, so its pages count once",
        f"after {tests:,} tests; the server grew by {grown:,.0f} bytes a test",
    ]
    section.data.update(idle=cells, used=used_cells, rss=[before, after], tests=tests)
    largest = max(*cells, *used_cells)
    section.bars.append(Bar.at_most("private memory of an idle cell (USS)", largest, _BAR_MIB, " MiB"))
    yield section


def _rss(server: Server) -> float:
    return float(psutil.Process(server.pid).memory_info().rss) / _MIB


def _idle_cells(server: Server) -> list[float]:
    """Private memory of each cell: of its jail, and of what runs inside."""
    return [_private([jail, *jail.children(recursive=True)]) for jail in cell_processes(server.pid)]


def _private(processes: list[psutil.Process]) -> float:
    """USS, with each address space counted once: pages that processes share by CLONE_VM look private in each."""
    counted: list[psutil.Process] = []
    for process in processes:
        if not any(_same_memory(process.pid, other.pid) for other in counted):
            counted.append(process)
    return sum(float(process.memory_full_info().uss) for process in counted) / _MIB


def _same_memory(one: int, other: int) -> bool:
    """Whether two processes live in one address space, asked of the kernel; False where it cannot be asked."""
    number = _KCMP.get(platform.machine())
    return number is not None and ctypes.CDLL(None).syscall(number, one, other, _KCMP_VM, 0, 0) == 0
