"""Who took how much CPU time: read from /proc and from the cells' cgroup."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads what a server, its cells, and this process have taken so far; in seconds."""

    server_pid: int
    cells: Path | None

    @classmethod
    def of(cls, server_pid: int) -> Meter:
        """A meter for a server that has cells already."""
        return cls(server_pid, next(_cell_groups(server_pid), None))

    def read(self) -> dict[str, float]:
        """By who took it; what cannot be read here is left out."""
        spent = {"server": process_s(self.server_pid), "client": time.process_time()}
        if self.cells is not None:
            spent["cells"] = _group_s(self.cells)
        return spent


def process_s(pid: int) -> float:
    """User and system time of one process and all its threads, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cell_processes(server_pid: int) -> list[psutil.Process]:
    """The jails of a server: children of its spawner."""
    return [jail for spawner in psutil.Process(server_pid).children() for jail in spawner.children()]


def _cell_groups(server_pid: int) -> Iterator[Path]:
    """The cgroup that holds the cgroups of all cells."""
    for jail in cell_processes(server_pid):
        with suppress(OSError):
            for line in Path(f"/proc/{jail.pid}/cgroup").read_text().splitlines():
                _, controllers, path = line.split(":", 2)
                mounted = "cpuacct" if "cpuacct" in controllers.split(",") else ""
                group = _CGROUPS / mounted / path.lstrip("/")
                if (mounted or not controllers) and group.name.isdigit() and group.is_dir():
                    yield group.parent


def _group_s(group: Path) -> float:
    usage = group / "cpuacct.usage"
    if usage.exists():
        return int(usage.read_text()) / 1e9
    return int((group / "cpu.stat").read_text().partition("usage_usec ")[2].split()[0]) / 1e6


def busy_share(seconds: float) -> float:
    """How much of the machine's CPU time was taken, by anybody, while this process slept."""
    before = psutil.cpu_times()
    time.sleep(seconds)
    after = psutil.cpu_times()
    idle = (after.idle - before.idle) + (after.iowait - before.iowait)
    return max(0.0, 1 - idle / (seconds * (os.cpu_count() or 1)))
