"""Connections to databases that a hostile program may have made.

Such a file can hold any schema and any bytes. So: its triggers and views are off, its schema may call no function with
side effects (`trusted_schema`), its cells are checked before they are used, its shadow tables and its schema cannot be
written, no extension is loaded, values and statements are bounded, and every statement stops when the time is up.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import apsw

from sandbox.effects.adapter import UnsupportedError

# SQLite's own files beside a database: parts of it, never to be looked at, moved or restored without it.
COMPANIONS = ("-journal", "-wal", "-shm")
BUSY_MS = 5_000
_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_LONGEST_VALUE = 1 << 28
_OPS_BETWEEN_LOOKS = 10_000


def connect(path: Path, seconds: float, *, attached: int = 0) -> apsw.Connection:
    """A hardened connection to an existing database. Raises UnsupportedError for what is none, apsw.Error."""
    refuse_super_journal(path)
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        raise UnsupportedError(f"{path.name}: there is no such database") from None
    if not stat.S_ISREG(mode):
        raise UnsupportedError(f"{path.name}: not a regular file")
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW | apsw.SQLITE_OPEN_PRIVATECACHE
    db = apsw.Connection(str(path.parent.resolve() / path.name), flags=flags)
    harden(db, seconds, attached=attached)
    return db


def harden(db: apsw.Connection, seconds: float, *, attached: int = 0) -> None:
    """As the module says; statements raise apsw.InterruptError once `seconds` have passed."""
    for option, on in (
        (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
        (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    ):
        db.config(option, on)
    db.limit(apsw.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    db.limit(apsw.SQLITE_LIMIT_ATTACHED, attached)
    db.set_busy_timeout(BUSY_MS)
    until = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() > until, _OPS_BETWEEN_LOOKS)
    db.pragma("cell_size_check", True)
    db.pragma("mmap_size", 0)
    db.pragma("temp_store", 2)


def ask(db: apsw.Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    return db.execute(sql, tuple(values)).fetchall()


def stream(db: apsw.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, one by one."""
    yield from db.execute(sql)


def inside(root: Path, name: str) -> Path:
    """The database `name`, a path beneath `root`, of which no part is a link. Raises UnsupportedError."""
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
        raise UnsupportedError(f"{name!r}: not a path beneath the workspace")
    found = root.resolve()
    for part in parts[:-1]:
        found /= part
        if found.is_symlink():
            raise UnsupportedError(f"{name!r}: {part!r} is a link")
    return found / parts[-1]


def refuse_super_journal(path: Path) -> None:
    """Raises UnsupportedError where a rollback journal names a super-journal.

    SQLite deletes the file that is named there once none of the journals that are named in it exists; a journal that a
    program forged would have us delete any file of the machine.
    """
    try:
        fd = os.open(f"{path}-journal", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnsupportedError(f"{path.name}-journal cannot be read: {error.strerror}") from error
    with os.fdopen(fd, "rb") as file:
        size = os.fstat(fd).st_size
        file.seek(max(0, size - len(_MAGIC)))
        if size >= len(_MAGIC) and file.read() == _MAGIC:
            raise UnsupportedError(f"{path.name}-journal names a super-journal: not opened")
