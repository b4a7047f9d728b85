"""Private copies of a database and its log or journal, as they were at one moment.

A path is walked beneath its root one name at a time, and no link is followed: whoever filled a branch may have put one
anywhere. The database is read under SQLite's own lock for readers, taken for an open file, not for the process.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from pathlib import Path

# What SQLite's readers lock: SHARED_FIRST and SHARED_SIZE of https://sqlite.org/src/file/src/os_unix.c
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
_CHUNK = 1 << 24
_TRIES = 20


def copy_database(root: str, path: str, target: Path) -> bool:
    """Copies the database `path` beneath `root` to `target`; whether there was one.

    Raises OSError for what is no regular file, for a link on the way to it, and where it is written all the time.
    """
    try:
        folder, name = _folder(root, path)
    except FileNotFoundError:
        return False
    try:
        fd = _open(folder, name)
    except FileNotFoundError:
        os.close(folder)
        return False
    try:
        for _ in range(_TRIES):
            if _copied(folder, name, fd, target):
                return True
            for each in target.parent.glob(f"{target.name}*"):
                each.unlink()
        raise OSError(f"{path}: written all the time")
    finally:
        os.close(fd)
        os.close(folder)


def _folder(root: str, path: str) -> tuple[int, str]:
    *folders, name = path.split("/")
    if ".." in folders or name in ("", ".", ".."):
        raise OSError(f"{path}: not a path beneath its root")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for each in folders:
        try:
            there = os.open(each, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here, name


def _copied(folder: int, name: str, fd: int, target: Path) -> bool:
    """One try: a checkpoint of a write-ahead log may come between its two files, and is seen by their times."""
    before = _times(folder, name)
    lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, _SHARED_FIRST, _SHARED_SIZE, 0)
    fcntl.fcntl(fd, fcntl.F_OFD_SETLKW, lock)
    os.lseek(fd, 0, os.SEEK_SET)
    _copy(fd, target)
    for end in ("-wal", "-journal"):
        try:
            beside = _open(folder, name + end)
        except FileNotFoundError:
            continue
        try:
            _copy(beside, target.with_name(target.name + end))
        finally:
            os.close(beside)
    return _times(folder, name) == before


def _times(folder: int, name: str) -> list[tuple[int, int, int] | None]:
    found: list[tuple[int, int, int] | None] = []
    for end in ("", "-wal", "-journal"):
        try:
            state = os.stat(name + end, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
    return found


def _open(folder: int, name: str) -> int:
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(f"{name}: not a regular file")
    return fd


def _copy(fd: int, target: Path) -> None:
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        while os.copy_file_range(fd, out, _CHUNK):
            pass
    finally:
        os.close(out)
