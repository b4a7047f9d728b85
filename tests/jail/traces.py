"""What jails leave on the machine: processes, cgroups, mounts and folders, found by the name of a spawner's folder.

Other servers may run beside a test, so nothing here looks at what is not of the spawner that it is asked about.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
_CGROUPS = Path("/sys/fs/cgroup")
_PROC = Path("/proc")


def until(look: Callable[[], Found], seconds: float = 10, why: str = "") -> Found:
    """The first true thing that `look` returns; fails when there is none within `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {why or look}"
        time.sleep(0.002)


async def eventually(look: Callable[[], Found], seconds: float = 10, why: str = "") -> Found:
    """As `until`, while the event loop goes on."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {why or look}"
        await asyncio.sleep(0.002)


@dataclass(frozen=True)
class Process:
    """One process, as /proc shows it from outside."""

    pid: int
    parent: int
    uid: int

    @property
    def alive(self) -> bool:
        with contextlib.suppress(OSError):
            return "\nState:\tZ" not in (_PROC / str(self.pid) / "status").read_text()
        return False


@dataclass(frozen=True)
class Spawner:
    """A process that starts cells, and the folder that names all that is its own."""

    pid: int
    folder: Path

    @property
    def cgroup(self) -> str:
        return self.folder.name

    def cells(self) -> list[Process]:
        """The nsjail processes that it started."""
        return [process for process in self.processes() if process.parent == self.pid]

    def candidates(self) -> list[Process]:
        """What programs run: of each cell's two uids the second, which is odd."""
        return [process for process in self.processes() if process.uid >= 0x70000000 and process.uid % 2]

    def release(self, *, but: Container[int] = ()) -> None:
        """Lets programs go on that wait for SIGCONT, which is no matter to those that do not wait yet."""
        for candidate in self.candidates():
            if candidate.pid not in but:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(candidate.pid, signal.SIGCONT)

    def cell_of(self, candidate: Process) -> Process:
        """The nsjail around a candidate."""
        place = _cgroup_of(candidate.pid)
        return next(cell for cell in self.cells() if _cgroup_of(cell.pid) == place)

    def init_of(self, cell: Process) -> Process:
        """The trusted init inside an nsjail."""
        return next(process for process in self.processes() if process.parent == cell.pid)

    def processes(self) -> list[Process]:
        """All processes in its cgroups."""
        inside = [_process(pid) for pid in _pids() if f"/{self.cgroup}/" in _cgroup_of(pid)]
        return [process for process in inside if process is not None]

    def cgroups(self) -> list[Path]:
        """Its cgroups, in every hierarchy."""
        tops = [path for path in (_CGROUPS / self.cgroup, *_CGROUPS.glob(f"*/{self.cgroup}")) if path.is_dir()]
        return [path for top in tops for path in (top, *(inner for inner in top.rglob("*") if inner.is_dir()))]

    def mounts(self) -> list[str]:
        """Lines of any process's mount table that name its folder."""
        lines = []
        for pid in _pids():
            with contextlib.suppress(OSError):
                text = (_PROC / str(pid) / "mountinfo").read_text()
                lines += [line for line in text.splitlines() if str(self.folder) in line]
        return lines

    def left(self) -> dict[str, object]:
        """What there is of it; empty when there is nothing."""
        found = {
            "processes": [process for process in self.processes() if process.alive],
            "spawner": [self.pid] if _is_spawner(self.pid, self.folder) else [],
            "cgroups": self.cgroups(),
            "mounts": self.mounts(),
            "folder": [self.folder] if self.folder.exists() else [],
        }
        return {name: what for name, what in found.items() if what}


def spawners_of(pid: int) -> list[Spawner]:
    """The spawners that a server has started."""
    found = []
    for child in _pids():
        process = _process(child)
        words = _command(child)
        if process is not None and process.parent == pid and "sandbox.jail.spawner" in words:
            found.append(Spawner(child, Path(words[-1])))
    return found


def spawner_of(pid: int) -> Spawner:
    """The only spawner of a server."""
    (spawner,) = until(lambda: spawners_of(pid), why=f"a spawner of {pid}")
    return spawner


def open_files(pid: int) -> int:
    """How many descriptors a process holds."""
    return len(os.listdir(_PROC / str(pid) / "fd"))


def resident_bytes(pid: int) -> int:
    """Memory of a process that is its own, and not a file's."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no RssAnon of {pid}")


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir(_PROC) if name.isdigit())


def _cgroup_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "cgroup").read_text()
    return ""


def _command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    return []


def _is_spawner(pid: int, folder: Path) -> bool:
    # A pid alone may belong to somebody else by now.
    return _command(pid)[-1:] == [str(folder)]


def _process(pid: int) -> Process | None:
    try:
        text = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return Process(pid, int(fields["PPid"]), int(fields["Uid"].split()[1]))
