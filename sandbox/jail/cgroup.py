"""One cgroup for each cell: made, joined, read through descriptors, emptied and removed. v1, v2, or none."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_ROOT = Path("/sys/fs/cgroup")
_V1 = ("memory", "pids", "cpuacct")
_READ: dict[str, dict[str, tuple[str, ...]]] = {
    "v1": {
        "memory": ("memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control"),
        "pids": ("pids.current",),
        "cpuacct": ("cpuacct.usage",),
    },
    "v2": {"": ("memory.current", "memory.peak", "memory.max", "memory.events", "pids.current", "cpu.stat")},
}
# Written from inside the cell between tests.
_WRITTEN = {"memory.max_usage_in_bytes", "memory.limit_in_bytes", "memory.peak", "memory.max"}
_REMOVE_TRIES = 200


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which cgroups this machine offers to this process."""

    kind: Literal["v1", "v2", "none"]
    base: Path = _ROOT


def find_hierarchy() -> Hierarchy:
    """The first of v2 and v1 whose memory, pids and cpu controllers can be used here."""
    controllers = _ROOT / "cgroup.controllers"
    if controllers.exists() and os.access(_ROOT, os.W_OK):
        offered = set(controllers.read_text().split())
        if {"memory", "pids"} <= offered:
            return Hierarchy("v2")
    if all(os.access(_ROOT / name / "cgroup.procs", os.W_OK) for name in _V1):
        return Hierarchy("v1")
    return Hierarchy("none")


class Cgroup:
    """The cgroup of one cell."""

    def __init__(self, hierarchy: Hierarchy, name: str, processes: int) -> None:
        self._kind = hierarchy.kind
        self._paths = self._layout(hierarchy, name)
        for path in self._paths.values():
            if self._kind == "v2":
                _delegate(hierarchy.base, path)
            path.mkdir(parents=True, exist_ok=True)
        if self._kind != "none":
            # A bar behind the rlimit, for what the init and the jail itself need.
            self._path("pids").joinpath("pids.max").write_text(str(processes + 16))

    def _layout(self, hierarchy: Hierarchy, name: str) -> dict[str, Path]:
        if self._kind == "v1":
            return {controller: hierarchy.base / controller / name for controller in _V1}
        if self._kind == "v2":
            return {"": hierarchy.base / name}
        return {}

    def _path(self, controller: str) -> Path:
        return self._paths[controller if self._kind == "v1" else ""]

    def join(self) -> None:
        """Moves the calling process into the cgroup."""
        for path in self._paths.values():
            (path / "cgroup.procs").write_text("0")

    def open(self) -> dict[str, int]:
        """Descriptors of the files that the init reads and writes, by file name."""
        fds = {}
        for controller, names in _READ.get(self._kind, {}).items():
            for name in names:
                mode = os.O_RDWR if name in _WRITTEN else os.O_RDONLY
                fds[name] = os.open(self._path(controller) / name, mode | os.O_CLOEXEC)
        return fds

    def remove(self) -> None:
        """Removes the cgroup, once the kernel has let go of the last process."""
        for path in self._paths.values():
            _remove(path)


def _delegate(base: Path, path: Path) -> None:
    """Lets a cgroup of the unified hierarchy have controllers: every one above it has to hand them down."""
    for above in reversed([parent for parent in path.parents if parent.is_relative_to(base)]):
        above.mkdir(exist_ok=True)
        (above / "cgroup.subtree_control").write_text("+memory +pids +cpu")


def remove_all(hierarchy: Hierarchy, name: str) -> None:
    """Removes the cgroups of a spawner and of all its cells, which are dead or dying."""
    tops = [hierarchy.base / controller / name for controller in _V1] if hierarchy.kind == "v1" else []
    for top in tops or [hierarchy.base / name]:
        if top.is_dir():
            for cell in top.iterdir():
                if cell.is_dir():
                    _remove(cell)
            _remove(top)


def _remove(path: Path) -> None:
    for _ in range(_REMOVE_TRIES):
        try:
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return
