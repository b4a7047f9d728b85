"""Records in one SQLite file, WAL mode: several processes of one host may append, one at a time.

A commit reaches the kernel (SQLite's `synchronous=NORMAL`) and so outlives the process; `sync` flushes the write-ahead
log, once for all that wait, and what it covers outlives the machine. Frames of the log are checksummed: one that was
torn, and what follows it, is dropped by SQLite at the next start.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from sandbox.effects.files import kernel
from sandbox.journal.store import Query, Row, StoreError
from sandbox.journal.tiles import Tile

# A transaction takes some ten microseconds; SQLite's own way of waiting is up to 100 ms at a time.
_WAIT_S = 0.000_2
_WAITS = 100_000
# An append touches four pages, and all of them go into the log: small ones. Records are half a page.
_PAGE = 2048
# 16 MiB of log before SQLite moves it into the file: fewer flushes, and appends that wait for them.
_LOG_PAGES = 8192
FILE = "journal.sqlite"
# Bytes of one value: records and tiles are far below it, and so has to be what a commitment opens to.
_LONGEST = 4 << 20

_SCHEMA = """
create table if not exists records (
  seq integer primary key, action text not null, session text not null, kind text not null,
  opens integer not null, data blob not null, seal blob not null) strict;
create index if not exists records_action on records (action, seq);
create index if not exists records_session on records (session, seq);
create index if not exists records_opens on records (seq, action, session) where opens = 1;
create index if not exists records_opens_session on records (session, seq, action) where opens = 1;
create table if not exists tiles (
  level integer not null, n integer not null, root blob not null, hashes blob not null,
  primary key (level, n)) strict;
create table if not exists checkpoints (size integer not null, note text not null unique) strict;
create index if not exists checkpoints_size on checkpoints (size);
create table if not exists secrets (
  commitment blob primary key, salt blob not null, value blob not null) strict;
"""
_GUARDED = ("records", "tiles", "checkpoints")
_INSERT = (
    "insert into records values (?1, ?2, ?3, ?4,"
    " ?2 <> '' and not exists (select 1 from records where action = ?2), ?5, ?6)"
)


def _text(column: str) -> str:
    return f"ifnull(cast({column} as text), '')"


def _blob(column: str) -> str:
    return f"ifnull(cast({column} as blob), x'')"


# The types are ours, whatever somebody made of the table or of the file's bytes.
_ACTION, _DATA, _HASHES, _ROOT = _text("action"), _blob("data"), _blob("hashes"), _blob("root")
_COLUMNS = ", ".join(("seq", _ACTION, _text("session"), _text("kind"), _DATA, _blob("seal")))
_CHECKPOINT = f"ifnull(cast(size as integer), 0), {_text('note')}"


class SqliteStore:
    """The store in `folder`. `readonly` for looking only: creates and changes nothing but SQLite's own files."""

    durable_commit = False

    def __init__(self, folder: Path, *, readonly: bool = False) -> None:
        self.path = folder / FILE
        self._readonly = readonly
        self._wal = -1
        # A file's own may be another one, on overlayfs.
        self.device = folder.stat().st_dev
        self._reading, self._syncing, self._arriving = threading.Lock(), threading.Lock(), threading.Lock()
        self._arrived = self._synced = 0
        self._spoilt = ""
        try:
            if readonly:
                self._write = self._read = self._connect()
                return
            self._write = self._connect()
            self._write.pragma("page_size", _PAGE)
            self._write.pragma("journal_mode", "wal")
            self._write.pragma("wal_autocheckpoint", _LOG_PAGES)
            with self.writing(True):
                for statement in (_SCHEMA, *_guards()):
                    self._write.execute(statement)
                # A write of no meaning: the log exists from now on, and can be held open.
                self._write.pragma("user_version", 1)
            self._read = self._connect()
            self._wal = os.open(f"{self.path}-wal", os.O_RDONLY | os.O_CLOEXEC)
            self.sync()
            _flush_folder(folder)
        except apsw.Error as error:
            raise StoreError(f"{self.path} is no journal that can be opened", why=str(error)) from error

    def _connect(self) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_READWRITE | (0 if self._readonly else apsw.SQLITE_OPEN_CREATE)
        connection = apsw.Connection(str(self.path), flags=flags, statementcachesize=64)
        connection.set_busy_handler(_wait)
        connection.pragma("synchronous", "normal")
        connection.pragma("secure_delete", True)
        # Whoever wrote to the file cannot make its readers hold more than this of one value.
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, _LONGEST)
        # Text and triggers of a file that somebody else may have written are not to run functions.
        connection.pragma("trusted_schema", False)
        if self._readonly:
            connection.pragma("query_only", True)
        return connection

    @contextmanager
    def writing(self, durable: bool) -> Iterator[None]:
        """The write lock, from here to the end; committed there, or nothing of it."""
        try:
            self._write.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._write.execute("rollback")
                raise
            self._write.execute("commit")
        except apsw.Error as error:
            if self._write.in_transaction:
                self._write.execute("rollback")
            raise StoreError("the journal could not be written", why=str(error)) from error

    def tail(self, start: int, limit: int) -> Sequence[Row]:
        """Rows from `start` on, as the writing side sees them."""
        rows = self._fetch(f"select {_COLUMNS} from records where seq >= ? order by seq limit ?", (start, limit))
        return [Row(*row) for row in rows]

    def insert(self, rows: Sequence[Row]) -> None:
        """Adds rows."""
        if len(rows) == 1:
            self._write.execute(_INSERT, rows[0])
        else:
            self._write.executemany(_INSERT, rows)

    def insert_tile(self, tile: Tile) -> None:
        """Adds a tile."""
        self._write.execute("insert into tiles values (?, ?, ?, ?)", (tile.level, tile.n, tile.root, tile.hashes))

    def sync(self, *, whole: bool = False) -> None:
        """One flush for all who wait: whoever comes while one is under way shares the next. Raises StoreError.

        The kernel may drop what it failed to write and call the next flush a success: after one failure none is tried.
        `whole`: of the file system, which is one of the log as well.
        """
        with self._arriving:
            self._arrived += 1
            mine = self._arrived
        with self._syncing:
            if self._synced >= mine and not whole:
                return
            covered = self._arrived
            try:
                if not self._spoilt:
                    (kernel.sync if whole else os.fdatasync)(self._wal)
            except OSError as error:
                self._spoilt = str(error)
            if self._spoilt:
                raise StoreError("the journal could not be made durable", why=self._spoilt, fix="look at the disk")
            self._synced = covered

    def size(self) -> int:
        """The last record's seq and one."""
        return int(self._value("select coalesce(max(seq), -1) + 1 from records"))

    def data(self, start: int, stop: int) -> Sequence[bytes]:
        """Bytes of records, as the writing side sees them."""
        text = f"select {_DATA} from records where seq >= ? and seq < ? order by seq"
        return [row[0] for row in self._fetch(text, (start, stop))]

    def page(self, query: Query, limit: int) -> Sequence[Row]:
        """The first rows of a query."""
        values: list[Any]
        where, values = ["seq > ?", "seq < ?"], [query.after, query.until]
        for name, value in (("action", query.action), ("session", query.session)):
            if value is not None:
                where.append(f"{name} = ?")
                values.append(value)
        if query.kinds is not None:
            where.append(f"kind in ({','.join('?' * len(query.kinds))})")
            values += query.kinds
        text = f"select {_COLUMNS} from records where {' and '.join(where)} order by seq limit ?"
        return [Row(*row) for row in self._rows(text, (*values, limit))]

    def actions(self, limit: int, session: str | None, before: str | None) -> Sequence[str]:
        """Ids of actions, the last begun first."""
        first = (self.opened(before) or 0) if before is not None else 1 << 62
        if session is None:
            text = f"select {_ACTION} from records where opens = 1 and seq < ? order by seq desc limit ?"
            return [row[0] for row in self._rows(text, (first, limit))]
        where = "opens = 1 and session = ? and seq < ?"
        text = f"select {_ACTION} from records where {where} order by seq desc limit ?"
        return [row[0] for row in self._rows(text, (session, first, limit))]

    def opened(self, action: str) -> int | None:
        """The seq that is marked as the action's first."""
        found = self._value("select min(seq) from records where action = ? and opens = 1", action)
        return None if found is None else int(found)

    def tile(self, level: int, n: int) -> Tile | None:
        """A complete tile."""
        text = f"select {_HASHES}, {_ROOT} from tiles where level = ? and n = ?"
        rows = self._rows(text, (level, n))
        return Tile(level, n, *rows[0]) if rows else None

    def tile_roots(self, level: int, start: int) -> Sequence[bytes]:
        """The roots of complete tiles, as the writing side sees them."""
        text = f"select {_ROOT} from tiles where level = ? and n >= ? order by n limit 256"
        return [row[0] for row in self._fetch(text, (level, start))]

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keeps a checkpoint, once."""
        with self.writing(False):
            self._write.execute("insert or ignore into checkpoints values (?, ?)", (size, note))

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """All of them, by size."""
        text = f"select {_CHECKPOINT} from checkpoints order by size, rowid"
        return [(row[0], row[1]) for row in self._rows(text, ())]

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The one of the largest tree."""
        text = f"select {_CHECKPOINT} from checkpoints order by size desc, rowid desc limit 1"
        rows = self._rows(text, ())
        return (rows[0][0], rows[0][1]) if rows else None

    def put_secret(self, commitment: bytes, salt: bytes, value: bytes) -> None:
        """Keeps what opens a commitment."""
        with self.writing(False):
            self._write.execute("insert into secrets values (?, ?, ?)", (commitment, salt, value))

    def secret(self, commitment: bytes) -> tuple[bytes, bytes] | None:
        """Salt and value."""
        rows = self._rows("select salt, value from secrets where commitment = ?", (commitment,))
        return (rows[0][0], rows[0][1]) if rows else None

    def forget(self, commitment: bytes) -> bool:
        """Overwrites them with zeros, in the file and, by emptying it, in the log."""
        with self.writing(False):
            self._write.execute("delete from secrets where commitment = ?", (commitment,))
            found = self._write.changes() > 0
        try:
            self._write.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            raise StoreError(
                "what was deleted may still be in the log", why=str(error), fix="forget it again"
            ) from error
        return found

    def close(self) -> None:
        """Flushes what is not, and closes."""
        if not self._readonly:
            self.sync()
            os.close(self._wal)
            self._read.close()
        self._write.close()

    def _rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """On the connection for reading."""
        with self._reading:
            return _run(self._read, text, values)

    def _fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """On the connection for writing, within a transaction or outside."""
        return _run(self._write, text, values)

    def _value(self, text: str, *values: Any) -> Any:
        return self._rows(text, values)[0][0]


def _run(connection: apsw.Connection, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        return [*connection.execute(text, values)]
    except (apsw.Error, UnicodeDecodeError) as error:
        raise StoreError("the journal could not be read", why=str(error)) from error


def _guards() -> Iterator[str]:
    """A seat belt against mistakes; who may write the file may drop them, and the tree is the proof."""
    for table in _GUARDED:
        for what in ("update", "delete"):
            yield (
                f"create trigger if not exists {table}_no_{what} before {what} on {table} "
                "begin select raise(abort, 'the journal is append-only'); end"
            )


def _wait(tried: int) -> bool:
    """Whether to try again for the lock that another process holds; not for ever."""
    time.sleep(_WAIT_S)
    return tried < _WAITS


def _flush_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
