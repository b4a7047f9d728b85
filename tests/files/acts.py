"""What a workspace holds at first, and what actions do to it."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

OLD = 1_000_000_000_123_456_789


def write(path: bytes | str, data: bytes = b"x", flags: int = 0) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    os.write(fd, data)
    os.close(fd)


def settle(root: Path) -> None:
    """Times long ago, so that what changes one is seen."""
    for folder, _, files in os.walk(os.fsencode(root), topdown=False):
        for name in [*files, b"."]:
            os.utime(os.path.join(folder, name), ns=(OLD, OLD), follow_symlinks=False)


def tree(root: Path) -> None:
    """Two folders, files in each, two names of one file, a link, a large file, all of it old."""
    (root / "d/s").mkdir(parents=True)
    (root / "d/a").write_bytes(b"in d")
    (root / "d/s/deep").write_bytes(b"in s")
    (root / "e").mkdir()
    (root / "e/b").write_bytes(b"in e")
    (root / "f").write_bytes(b"file")
    (root / "g").write_bytes(b"other")
    (root / "one").write_bytes(b"shared")
    os.link(root / "one", root / "two")
    (root / "link").symlink_to("f")
    (root / "large").write_bytes(bytes(range(256)) * 4096)
    (root / "script").write_bytes(b"#!")
    (root / "script").chmod(0o6755)
    (root / "empty").mkdir()
    os.chown(root / "g", 1000, 1001)
    settle(root)


def acl(tag: int, owner: int) -> bytes:
    entries = sorted([(1, 6, none := 0xFFFFFFFF), (tag, 4, owner), (4, 4, none), (0x10, 4, none), (0x20, 4, none)])
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


def capability() -> bytes:
    return struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0)


def mapped_write() -> None:
    fd = os.open("f", os.O_RDWR)
    with mmap.mmap(fd, 4) as memory:
        memory[0:2] = b"MM"
    os.close(fd)


def write_after_unlink() -> None:
    fd = os.open("f", os.O_RDWR)
    os.unlink("f")
    os.write(fd, b"nobody sees this")
    os.close(fd)


def unnamed_file() -> None:
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600)
    os.write(fd, b"named late")
    # With a folder's descriptor Python calls linkat(2), which follows.
    here = os.open(".", os.O_RDONLY)
    os.link(f"/proc/self/fd/{fd}", "late", dst_dir_fd=here, follow_symlinks=True)
    os.close(fd)


def swap(one: str, other: str) -> None:
    os.rename(one, "swap")
    os.rename(other, one)
    os.rename("swap", other)


def remove_tree(path: str) -> None:
    for folder, names, files in os.walk(path, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in names:
            os.rmdir(os.path.join(folder, name))
    os.rmdir(path)


def sparse(root: Path) -> None:
    with (root / "sparse").open("wb") as file:
        file.truncate(1 << 40)
        for at in (0, 1 << 20, (1 << 20) + 12_288, 1 << 39):
            file.seek(at)
            file.write(b"data")
    settle(root)


def preallocated(root: Path) -> None:
    fd = os.open(root / "pre", os.O_CREAT | os.O_RDWR)
    os.posix_fallocate(fd, 0, 1 << 16)
    os.pwrite(fd, b"x" * 100, 8192)
    os.fsync(fd)
    os.close(fd)
    settle(root)


def listen(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(name)


def punch(name: str, start: int, length: int) -> None:
    fd = os.open(name, os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.fallocate(fd, 3, ctypes.c_long(start), ctypes.c_long(length)) == 0
    os.close(fd)


def in_steps(*steps: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for step in steps:
            step()

    return run


def nothing(_: Path) -> None:
    """An empty workspace."""
