"""System calls, counted by strace: of one cell (its init and every candidate) and of the server's process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from bench.costs import cell_processes
from bench.format import figure
from bench.model import Progress, Section, Settings
from bench.serving import Server
from bench.streaming import Streamed

_TOP = 20
_ATTACH_S = 0.5


def traces(server: Server, variants: Sequence[Streamed], settings: Settings, progress: Progress) -> Iterator[Section]:
    """A table for each variant and process. All is slower under strace: only counts and shares mean anything."""
    strace = shutil.which("strace")
    if strace is None:
        yield Section("system calls", ("strace is not installed",))
        return
    for variant in variants:
        # One program at a time always runs in the same cell.
        single = replace(variant, flying=1)
        for label, pid in (("one cell", _busy_init(server, single)), ("the server", server.pid)):
            progress(f"strace of {label}: {single.name}")
            yield _trace(strace, f"system calls of {label}: {single.name}", pid, single, settings)


def _busy_init(server: Server, variant: Streamed) -> int:
    """The init of the cell that the variant keeps busy."""
    inits = [child for jail in cell_processes(server.pid) for child in jail.children()]
    before = {init: _spent(init) for init in inits}
    variant.measure(_ATTACH_S)
    return max(inits, key=lambda init: _spent(init) - before[init]).pid


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def _trace(strace: str, title: str, pid: int, variant: Streamed, settings: Settings) -> Section:
    with tempfile.NamedTemporaryFile("r", prefix="bench-strace-") as out:
        command = [strace, "-f", "-qq", "-c", "-o", out.name, "-p", str(pid)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            time.sleep(_ATTACH_S)
            tests = variant.measure(settings.seconds).tests
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
        return _table(title, Path(out.name).read_text(), tests)


def _table(title: str, text: str, tests: int) -> Section:
    section = Section(title, ("call", "calls a test", "share of the time", "µs a call"))
    calls = 0
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[0][0].isdigit() and fields[-1] != "total":
            calls += int(fields[3])
            section.rows.append((fields[-1], figure(int(fields[3]) / tests), f"{fields[0]} %", fields[2]))
    del section.rows[_TOP:]
    section.remarks.append(f"{figure(calls / tests)} calls a test, {tests} tests one at a time, under strace")
    return section
