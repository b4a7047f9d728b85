"""Records on a PostgreSQL server that several servers share: one advisory lock gives the order.

A transaction that need not be durable commits with `synchronous_commit = off`: it can be seen at once, and outlives
this process but not, for some hundred milliseconds, the database server.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus

from sandbox.journal.store import Query, Row, StoreError
from sandbox.journal.tiles import Tile

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# Any number, but the same for all: "journal" in ASCII.
_LOCK = 0x6A6F75726E616C
_SCHEMA = """
create schema if not exists journal;
create table if not exists journal.records (
  seq bigint primary key, action text not null, session text not null, kind text not null,
  opens boolean not null, data bytea not null, seal bytea not null);
create index if not exists records_action on journal.records (action, seq);
create index if not exists records_session on journal.records (session, seq);
create index if not exists records_opens on journal.records (seq) include (action) where opens;
create index if not exists records_opens_session on journal.records (session, seq) include (action) where opens;
create table if not exists journal.tiles (
  level int not null, n bigint not null, root bytea not null, hashes bytea not null, primary key (level, n));
create table if not exists journal.checkpoints (
  id bigint generated always as identity primary key, size bigint not null, note text not null unique);
create index if not exists checkpoints_size on journal.checkpoints (size, id);
create table if not exists journal.secrets (
  commitment bytea primary key, salt bytea not null, value bytea not null);
create or replace function journal.refuse() returns trigger language plpgsql as
  $$ begin raise exception 'the journal is append-only'; end $$;
"""
# A seat belt against mistakes; the tree is the proof. Better still: a role that may only SELECT and INSERT.
_GUARD = """
create or replace trigger {0}_append_only before update or delete or truncate on journal.{0}
  for each statement execute function journal.refuse();
"""
_INSERT = """
insert into journal.records values (%s, %s, %s, %s,
  %s <> '' and not exists (select 1 from journal.records where action = %s), %s, %s)
"""
_COLUMNS = "seq, action, session, kind, data, seal"


class PostgresStore:
    """The store in the schema `journal` of a database. Connections that broke are made anew at the next call."""

    durable_commit = True
    device = 0

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._reading = threading.Lock()
        self._write, self._read = _connect(dsn), _connect(dsn)
        with self.writing(True):
            self._write.execute(_SCHEMA.encode())
            for table in ("records", "tiles", "checkpoints"):
                self._write.execute(_GUARD.format(table).encode())

    @contextmanager
    def writing(self, durable: bool) -> Iterator[None]:
        """The write lock of all servers, from here to the end; committed there, or nothing of it."""
        try:
            self._begin(durable)
            try:
                yield
            except BaseException:
                if not self._write.closed:
                    self._write.execute("rollback")
                raise
            self._write.execute("commit")
        except psycopg.Error as error:
            fix = "whether it was committed is not known: look before repeating" if self._write.closed else ""
            raise StoreError("the journal could not be written", why=str(error), fix=fix) from error

    def _begin(self, durable: bool) -> None:
        try:
            self._lock(self._write, durable)
        except psycopg.OperationalError:
            # The server was restarted while nothing was under way: nothing is lost by asking again.
            if not self._write.closed:
                raise
            self._write = _connect(self._dsn)
            self._lock(self._write, durable)

    @staticmethod
    def _lock(connection: Connection, durable: bool) -> None:
        with connection.pipeline():
            connection.execute("begin")
            connection.execute(b"set local synchronous_commit = " + (b"on" if durable else b"off"))
            connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))

    def tail(self, start: int, limit: int) -> Sequence[Row]:
        """Rows from `start` on, as the writing side sees them."""
        text = f"select {_COLUMNS} from journal.records where seq >= %s order by seq limit %s"
        return [Row(*row) for row in self._fetch(text, (start, limit))]

    def insert(self, rows: Sequence[Row]) -> None:
        """Adds rows."""
        with self._write.cursor() as cursor:
            cursor.executemany(
                _INSERT,
                [(r.seq, r.action, r.session, r.kind, r.action, r.action, r.data, r.seal) for r in rows],
            )

    def insert_tile(self, tile: Tile) -> None:
        """Adds a tile."""
        values = (tile.level, tile.n, tile.root, tile.hashes)
        self._write.execute("insert into journal.tiles values (%s, %s, %s, %s)", values)

    def sync(self, *, whole: bool = False) -> None:
        """A commit that waits for the server's disk, and so for all before it."""
        with self._reading:
            try:
                if self._read.closed:
                    self._read = _connect(self._dsn)
                # A message that nobody reads: an empty transaction would have nothing to wait for.
                with self._read.transaction():
                    self._read.execute("set local synchronous_commit = on")
                    self._read.execute("select pg_logical_emit_message(true, 'journal', '')")
            except psycopg.Error as error:
                raise StoreError("the journal could not be made durable", why=str(error)) from error

    def size(self) -> int:
        """The last record's seq and one."""
        return int(self._rows("select coalesce(max(seq), -1) + 1 from journal.records", ())[0][0])

    def data(self, start: int, stop: int) -> Sequence[bytes]:
        """Bytes of records, as the writing side sees them."""
        text = "select data from journal.records where seq >= %s and seq < %s order by seq"
        return [row[0] for row in self._fetch(text, (start, stop))]

    def page(self, query: Query, limit: int) -> Sequence[Row]:
        """The first rows of a query."""
        where, values = ["seq > %s", "seq < %s"], [query.after, query.until]
        parts: list[Any] = [*values]
        for name, value in (("action = %s", query.action), ("session = %s", query.session)):
            if value is not None:
                where.append(name)
                parts.append(value)
        if query.kinds is not None:
            where.append("kind = any(%s)")
            parts.append([*query.kinds])
        text = f"select {_COLUMNS} from journal.records where {' and '.join(where)} order by seq limit %s"
        return [Row(*row) for row in self._rows(text, (*parts, limit))]

    def actions(self, limit: int, session: str | None, before: str | None) -> Sequence[str]:
        """Ids of actions, the last begun first."""
        first = (self.opened(before) or 0) if before is not None else 1 << 62
        where, values = "opens and seq < %s", (first, limit)
        if session is not None:
            where, values = "session = %s and " + where, (session, *values)  # type: ignore[assignment]  # longer by one
        text = f"select action from journal.records where {where} order by seq desc limit %s"
        return [row[0] for row in self._rows(text, values)]

    def opened(self, action: str) -> int | None:
        """The seq that is marked as the action's first."""
        found = self._rows("select min(seq) from journal.records where action = %s and opens", (action,))[0][0]
        return None if found is None else int(found)

    def tile(self, level: int, n: int) -> Tile | None:
        """A complete tile."""
        rows = self._rows("select hashes, root from journal.tiles where level = %s and n = %s", (level, n))
        return Tile(level, n, *rows[0]) if rows else None

    def tile_roots(self, level: int, start: int) -> Sequence[bytes]:
        """The roots of complete tiles, as the writing side sees them."""
        text = "select root from journal.tiles where level = %s and n >= %s order by n limit 256"
        return [row[0] for row in self._fetch(text, (level, start))]

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keeps a checkpoint, once."""
        with self.writing(False):
            text = "insert into journal.checkpoints (size, note) values (%s, %s) on conflict do nothing"
            self._write.execute(text, (size, note))

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """All of them, by size."""
        return [(row[0], row[1]) for row in self._rows("select size, note from journal.checkpoints order by 1, id", ())]

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The one of the largest tree."""
        text = "select size, note from journal.checkpoints order by size desc, id desc limit 1"
        rows = self._rows(text, ())
        return (rows[0][0], rows[0][1]) if rows else None

    def put_secret(self, commitment: bytes, salt: bytes, value: bytes) -> None:
        """Keeps what opens a commitment."""
        with self.writing(False):
            self._write.execute("insert into journal.secrets values (%s, %s, %s)", (commitment, salt, value))

    def secret(self, commitment: bytes) -> tuple[bytes, bytes] | None:
        """Salt and value."""
        rows = self._rows("select salt, value from journal.secrets where commitment = %s", (commitment,))
        return (rows[0][0], rows[0][1]) if rows else None

    def forget(self, commitment: bytes) -> bool:
        """Deletes them; the server overwrites the bytes when it vacuums, and its own log keeps them until recycled."""
        with self.writing(True):
            found = self._write.execute("delete from journal.secrets where commitment = %s", (commitment,)).rowcount
        return found > 0

    def close(self) -> None:
        """Makes what is not durable so, and hangs up."""
        try:
            self.sync()
        finally:
            self._write.close()
            self._read.close()

    def _rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """On the connection for reading."""
        with self._reading:
            if self._read.closed:
                self._read = _connect(self._dsn)
            try:
                return _run(self._read, text, values)
            except StoreError:
                if not self._read.closed:
                    raise
                self._read = _connect(self._dsn)
                return _run(self._read, text, values)

    def _fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """On the connection for writing, within a transaction or outside."""
        within = self._write.info.transaction_status != TransactionStatus.IDLE
        try:
            return _run(self._write, text, values)
        except StoreError:
            if within or not self._write.closed:
                raise
            self._write = _connect(self._dsn)
            return _run(self._write, text, values)


def _run(connection: Connection, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(text.encode(), values).fetchall()
    except psycopg.Error as error:
        raise StoreError("the journal could not be read", why=str(error)) from error


def _connect(dsn: str) -> Connection:
    try:
        connection = psycopg.connect(dsn, autocommit=True, connect_timeout=10, application_name="journal")
    except psycopg.Error as error:
        raise StoreError("the journal's database cannot be reached", why=str(error)) from error
    connection.prepare_threshold = 2
    # Each statement sees what was committed before it: what is read behind the lock is up to date.
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    return connection
