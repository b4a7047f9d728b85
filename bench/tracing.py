"""System calls, counted by strace: of one cell (its init and every candidate) and of the server's process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread

import psutil

from bench.costs import cell_processes
from bench.format import figure
from bench.model import Progress, Round, Section, Settings
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
        for label, pids in (("one cell", _busy_cell(server, variant)), ("the server", [server.pid])):
            progress(f"strace of {label}: {variant.name}")
            yield _trace(strace, f"system calls of {label}: {variant.name}", pids, variant, settings)


def _busy_cell(server: Server, variant: Streamed) -> list[int]:
    """The init of the cell that is busiest while the variant runs."""
    inits = [child for jail in cell_processes(server.pid) for child in jail.children()]
    before = {init: _spent(init) for init in inits}
    variant.measure(_ATTACH_S)
    return [max(inits, key=lambda init: _spent(init) - before[init]).pid]


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def _trace(strace: str, title: str, pids: Sequence[int], variant: Streamed, settings: Settings) -> Section:
    with tempfile.NamedTemporaryFile("r", prefix="bench-strace-") as out:
        attach = [part for pid in pids for part in ("-p", str(pid))]
        process = subprocess.Popen([strace, "-f", "-qq", "-c", "-o", out.name, *attach], stderr=subprocess.DEVNULL)
        found: list[Round] = []
        load = Thread(target=lambda: found.append(variant.measure(settings.seconds + _ATTACH_S)))
        try:
            load.start()
            time.sleep(settings.seconds)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
            load.join()
        section = Section(title, ("call", "share of the time", "calls", "µs a call"))
        _fill(section, Path(out.name).read_text())
        return section


def _fill(section: Section, text: str) -> None:
    calls = 0
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[0][0].isdigit() and fields[-1] != "total":
            calls += int(fields[3])
            if len(section.rows) < _TOP:
                section.rows.append((fields[-1], f"{fields[0]} %", fields[3], fields[2]))
    section.remarks.append(f"{figure(calls)} calls in all")
