"""Where the writable side of a branch lives: in memory, with hard bounds, or in a folder on disk."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.effects.branches.mounts import tmpfs


@dataclass(frozen=True, slots=True)
class Scratch:
    """`root`: a descriptor of an empty folder of its own. `folder`: its path, where it is on disk."""

    root: int
    folder: Path | None = None


def make_scratch(disk: Path | None, size: int, inodes: int) -> Scratch:
    """In memory, of at most `size` bytes and `inodes` inodes; or in the folder `disk`, unbounded. Raises OSError."""
    if disk is None:
        return Scratch(tmpfs(size, inodes))
    folder = disk / f"branch-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700, parents=True)
    return Scratch(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), folder)


def stamp(folder: int) -> int:
    """A moment by the clock of ctimes, in ns: whatever changes later has a later ctime, or this one.

    Since Linux 6.13 a ctime that somebody has looked at is followed by one of the fine clock, and no ctime given later
    is before that: what changed earlier then always has an earlier one. Where ctimes are as coarse as the tick, what
    changed in the tick before it passes for earlier: better than to refuse what was committed a moment ago.
    """
    # The first may only be brought up to what another file was given last: the second is then a moment of its own.
    _touched(folder)
    found = _touched(folder)
    return found if is_fine() else found + 1


def _touched(folder: int) -> int:
    os.stat(".", dir_fd=folder)
    # By name: a descriptor of a mount is good for looking things up in it only.
    os.chmod(".", 0o700, dir_fd=folder)
    return os.stat(".", dir_fd=folder).st_ctime_ns


@cache
def is_fine() -> bool:
    """Whether a ctime that was looked at never survives a change: Linux 6.13, on tmpfs."""
    folder = tmpfs(1 << 16, 8)
    try:
        return len({_touched(folder) for _ in range(4)}) == 4
    finally:
        os.close(folder)
