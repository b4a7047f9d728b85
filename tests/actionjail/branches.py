"""Branches for actions to act on: an overlay of a folder and a tmpfs of some size, mounted nowhere."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.model.plan import ACTION_IDS, ACTION_IDS_COUNT

_OPEN_TREE, _FSOPEN, _FSCONFIG, _FSMOUNT, _MOUNT_SETATTR = 428, 430, 431, 432, 442
_FLAG, _STRING, _FD, _CREATE = 0, 1, 5, 6
_NOSUID, _NODEV = 2, 4
_libc = ctypes.CDLL(None, use_errno=True)
_HOLD = "import ctypes, sys\nassert not ctypes.CDLL(None).unshare(0x10000000)\nprint(flush=True)\nsys.stdin.read()"


def _call(number: int, *arguments: int | bytes | None) -> int:
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"call {number}{arguments}: {os.strerror(error)}")
    return result


def _mounted(kind: bytes, settings: list[tuple[bytes, str | int]], attributes: int) -> int:
    context = _call(_FSOPEN, kind, 1)
    try:
        for name, value in settings:
            if isinstance(value, int):
                _call(_FSCONFIG, context, _FD, name, None, value)
            else:
                _call(_FSCONFIG, context, _STRING, name, value.encode(), 0)
        _call(_FSCONFIG, context, _CREATE, None, None, 0)
        return _call(_FSMOUNT, context, 1, attributes)
    finally:
        os.close(context)


@cache
def _ids() -> int:
    """A user namespace whose ids are those of action cells."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{holder.pid}/{name}").write_text(f"0 {ACTION_IDS} {ACTION_IDS_COUNT}")
        return os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)


@dataclass
class Branch:
    """`mount` is for one run; what it changed is in `upper`, by the ids of the host."""

    lower: Path
    store: int
    mount: int
    attributes: int

    @property
    def upper(self) -> Path:
        return Path(f"/proc/self/fd/{self.store}/upper")

    def remount(self) -> None:
        """The same branch, for another run. The kernel refuses while anybody has the last mount of it."""
        if self.mount >= 0:
            os.close(self.mount)
        self.mount = -1
        self.mount = _overlay(self.lower, self.store, self.attributes)

    def owner(self, name: str) -> tuple[int, int]:
        """Ids of a changed file as the workspace would have them."""
        status = (self.upper / name).lstat()
        return status.st_uid - ACTION_IDS, status.st_gid - ACTION_IDS

    def close(self) -> None:
        if self.mount >= 0:
            os.close(self.mount)
        os.close(self.store)


def _overlay(lower: Path, store: int, attributes: int) -> int:
    tree = _call(_OPEN_TREE, -100, os.fsencode(lower), 1 | os.O_CLOEXEC)
    upper = os.open("upper", os.O_PATH | os.O_DIRECTORY, dir_fd=store)
    work = os.open("work", os.O_PATH | os.O_DIRECTORY, dir_fd=store)
    try:
        mapping = struct.pack("=QQQQ", 0x100000, 0, 0, _ids())
        _call(_MOUNT_SETATTR, tree, b"", 0x1000, mapping, len(mapping))
        on = [(name, "on") for name in (b"redirect_dir", b"index", b"metacopy")]
        return _mounted(b"overlay", [(b"lowerdir+", tree), (b"upperdir", upper), (b"workdir", work), *on], attributes)
    finally:
        for fd in (tree, upper, work):
            os.close(fd)


@contextmanager
def branch_of(lower: Path, size: str = "64m", attributes: int = _NOSUID | _NODEV) -> Iterator[Branch]:
    """A branch of `lower`, gone with the block."""
    store = _mounted(b"tmpfs", [(b"size", size), (b"nr_inodes", "4096"), (b"mode", "755")], _NOSUID | _NODEV)
    status = lower.stat()
    for name in ("upper", "work"):
        os.mkdir(name, dir_fd=store)
    os.chown("upper", ACTION_IDS + status.st_uid, ACTION_IDS + status.st_gid, dir_fd=store)
    made = Branch(lower, store, _overlay(lower, store, attributes), attributes)
    try:
        yield made
    finally:
        made.close()
