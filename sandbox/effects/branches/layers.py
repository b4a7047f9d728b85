"""Overlay mounts: a writable layer over a workspace, or over layers that were written before."""

from __future__ import annotations

import errno
import os
import shutil
import time
from dataclasses import dataclass

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.branches.mounts import NODEV, NOSUID, READONLY, filesystem, opened
from sandbox.effects.branches.scratch import Scratch
from sandbox.effects.files.xattrs import read_xattrs, shifted
from sandbox.model.plan import ACTION_IDS_COUNT

# How long to wait for processes that are about to start, and hold copies of all descriptors until they do.
_FREE_S = 5.0
_OPTIONS: list[tuple[str, str | int]] = [
    ("redirect_dir", "on"),
    ("index", "on"),
    ("metacopy", "on"),
    ("xino", "auto"),
]


@dataclass(frozen=True, slots=True)
class Base:
    """What a branch is made from. `layers`: lower layers, the first on top. `lower`: the same as one tree to read.

    `ids`: what stands on top of owners in `lower`.
    """

    layers: tuple[int, ...]
    lower: int
    ids: int


def overlay(base: Base, scratch: Scratch, ids: int) -> tuple[int, int]:
    """A mount of `base` below a new layer in `scratch`, and the layer's folder. Raises OSError, UnsupportedError."""
    os.mkdir("upper", 0o755, dir_fd=scratch.root)
    upper = os.open("upper", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=scratch.root)
    try:
        _as_root_of(base, upper, ids)
        until = time.monotonic() + _FREE_S
        while True:
            try:
                return _mounted(base, scratch, upper), upper
            except OSError as error:
                # Somebody still holds the old mount of a layer that was written to until now.
                if error.errno != errno.EBUSY or time.monotonic() > until:
                    raise
                time.sleep(0.001)
    except BaseException:
        os.close(upper)
        raise


def _mounted(base: Base, scratch: Scratch, upper: int) -> int:
    os.mkdir("work", 0o700, dir_fd=scratch.root)
    work = os.open("work", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=scratch.root)
    try:
        settings: list[tuple[str, str | int]] = [("lowerdir+", each) for each in base.layers]
        settings += [("upperdir", upper), ("workdir", work), *_OPTIONS]
        if scratch.folder is not None:
            # Nothing of a branch is to outlive the machine.
            settings.append(("volatile", True))
        return filesystem("overlay", settings, NOSUID | NODEV)
    except OSError:
        shutil.rmtree("work", dir_fd=scratch.root)
        raise
    finally:
        os.close(work)


def _as_root_of(base: Base, upper: int, ids: int) -> None:
    """The layer's root is seen as the workspace's: it must be like it, or it would seem changed."""
    status = os.fstat(base.lower)
    by = ids - base.ids
    owner = status.st_uid - base.ids, status.st_gid - base.ids
    if not all(0 <= each < ACTION_IDS_COUNT for each in owner):
        raise UnsupportedError(f"the workspace belongs to {owner[0]}:{owner[1]}, whom an action's users do not include")
    os.chown(upper, owner[0] + ids, owner[1] + ids)
    os.fchmod(upper, status.st_mode & 0o7777)
    for name, value in read_xattrs(base.lower):
        os.setxattr(upper, name, shifted(os.fsdecode(name), value, by))
    os.utime(upper, ns=(status.st_atime_ns, status.st_mtime_ns))


def merged(layers: tuple[int, ...]) -> int:
    """Layers as one tree to read, as a descriptor of its root. Raises OSError."""
    settings: list[tuple[str, str | int]] = [("lowerdir+", each) for each in layers]
    settings += [("redirect_dir", "on"), ("metacopy", "on"), ("xino", "auto")]
    mount = filesystem("overlay", settings, READONLY | NOSUID | NODEV)
    try:
        return opened(mount)
    finally:
        os.close(mount)


def has_index(scratch: Scratch) -> bool:
    """Whether names of one file stay together: overlayfs turns that off silently where it cannot be done."""
    try:
        os.stat("work/index", dir_fd=scratch.root)
    except FileNotFoundError:
        return False
    return True


def drop_index(scratch: Scratch) -> None:
    """Removes the names by which overlayfs found files with several: below, they would count as further links."""
    if not has_index(scratch):
        return
    index = os.open("work/index", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=scratch.root)
    try:
        with os.scandir(index) as entries:
            for entry in entries:
                os.unlink(entry.name, dir_fd=index)
    finally:
        os.close(index)
