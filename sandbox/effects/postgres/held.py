"""A transaction that the runtime holds open in PostgreSQL: nobody else sees what it did until its commit.

A statement is run by the server inside a function call, where it cannot commit, roll back or begin a transaction; a
call runs all of its statements or none, and every error is raised. What rolls back exactly is rows and the schema.
What does not, whatever becomes of the transaction: numbers that were taken from sequences, and what functions of
extensions did elsewhere. NOTIFY is heard at the commit only.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from sandbox.effects.adapter import QuotaError, StatementError, UnsupportedError
from sandbox.effects.postgres.catalog import SCHEMA, probe
from sandbox.effects.postgres.journal import sequences
from sandbox.effects.postgres.live import transaction_status
from sandbox.effects.postgres.pending import Watched, effects_of
from sandbox.errors import SetupError
from sandbox.model.effects import Effect

# Rows that are fetched at one time, each clipped by the server.
_FETCH = 64
_LOCK_S = 5
# What reaches the server's machine, or becomes a superuser.
_MIGHTY = """
SELECT r.rolname::text FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND (r.rolsuper
  OR r.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')) ORDER BY 1
"""


class Held:
    """The open transaction. `conninfo`: of the role that the statements run as, which should be no superuser.

    `ttl`: seconds until it is rolled back; its locks are gone then. `watched`: for `effects`; then a role that could
    leave the database is refused. Raises psycopg.Error, SetupError, UnsupportedError.
    """

    def __init__(self, conninfo: str, *, ttl: float, rows: int = 100_000, watched: Watched | None = None) -> None:
        self._most, self._closed, self._watched = rows, False, watched
        self._lock = threading.RLock()
        self._actions: list[str] = []
        self._db = psycopg.connect(conninfo, autocommit=True)
        try:
            # Also where this process is stopped, the server ends it.
            wait = f"{max(1, int(ttl * 1000))}ms"
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                self._db.execute("SELECT set_config(%s, %s, false)", (name, wait))
            self._db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{min(ttl, _LOCK_S):g}s",))
            if watched is not None:
                self._refuse(watched.name)
            # One snapshot for all of it: what differs from it is what was done here.
            self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            # After the snapshot: every row that others had written has a smaller number.
            ((self.number,),) = self._db.execute("SELECT pg_current_xact_id()::text").fetchall()
            ((self._snapshot,),) = self._db.execute("SELECT pg_export_snapshot()").fetchall()
            self._sequences = sequences(self._db)
        except BaseException:
            self._db.close()
            raise
        self._timer = threading.Timer(ttl, self._expire)
        self._timer.daemon = True
        self._timer.start()

    @property
    def open(self) -> bool:
        """Whether it can still be committed."""
        status = self._db.info.transaction_status
        return not self._closed and status == psycopg.pq.TransactionStatus.INTRANS

    @property
    def journalled(self) -> bool:
        """Whether the database records rows (`journal.py`): then what it did can be told after the commit."""
        with self._alive():
            return bool(self._db.execute("SELECT to_regnamespace(%s) IS NOT NULL", (SCHEMA,)).fetchall()[0][0])

    def begin(self, action: str) -> None:
        """From here on statements belong to `action`."""
        with self._alive():
            self._db.execute(f"SAVEPOINT action_{len(self._actions)}")
            self._actions.append(action)

    def execute(self, statements: str) -> None:
        """Runs statements, all of them or none. Raises StatementError."""
        body = sql.SQL("BEGIN EXECUTE {}; END").format(sql.Literal(statements)).as_string(self._db)
        with self._call():
            self._db.execute(sql.SQL("DO LANGUAGE plpgsql {}").format(sql.Literal(body)))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows that one SELECT answers. Raises StatementError."""
        with self._call():
            # A cursor takes one SELECT (or VALUES), and nothing that ends a transaction.
            inner = sql.SQL("DECLARE held CURSOR FOR {}").format(sql.SQL(statement))
            body = sql.SQL("BEGIN EXECUTE {}; END").format(sql.Literal(inner.as_string(self._db))).as_string(self._db)
            self._db.execute(sql.SQL("DO LANGUAGE plpgsql {}").format(sql.Literal(body)))
            found = self._db.execute(f"FETCH {self._most + 1} FROM held").fetchall()
            self._db.execute("CLOSE held")
            if len(found) > self._most:
                raise StatementError(f"more than {self._most:,} rows")
            return found

    def answer(self, sql: str, most: int) -> bytes:
        """Runs statements, all of them or none; of one SELECT (or VALUES) its rows, as JSON, the first `most` bytes.

        Raises StatementError.
        """
        found = self._selected(sql, most)
        if found is None:
            self.execute(sql)
        return found or b""

    def effects(self, action: str, most: int | None = None) -> list[Effect]:
        """What was done in all of the transaction. What was deferred to the commit is done now.

        Raises StatementError, QuotaError where more than `most` rows changed.
        """
        assert self._watched is not None
        with self._alive():
            self._db.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._db.execute("SAVEPOINT look")
            try:
                return effects_of(self._db, self._snapshot, self._sequences, self._watched, most)
            except QuotaError as error:
                raise QuotaError(f"{self._watched.name}: {error}") from error
            finally:
                # With it go the settings that text is read with.
                if not self._db.closed:
                    self._db.execute("ROLLBACK TO look")
                    self._db.execute("RELEASE look")

    def drop(self, action: str) -> list[str]:
        """Takes back `action` and all that came after it; their names."""
        with self._alive():
            number = self._actions.index(action)
            self._db.execute(f"ROLLBACK TO action_{number}")
            self._db.execute(f"RELEASE action_{number}")
            dropped, self._actions = self._actions[number:], self._actions[:number]
            return dropped

    def commit(self) -> None:
        """Makes everything visible. Raises StatementError: then nothing is, and it is over."""
        with self._alive():
            try:
                self._db.execute("COMMIT")
            finally:
                self._close()

    def rollback(self) -> None:
        """Drops everything."""
        with self._lock:
            self._close()

    def stop(self) -> None:
        """Ends a statement that is under way in another thread, and drops everything."""
        self._expire()

    def fate(self) -> bool | None:
        """Whether it was committed, after a commit that failed: the server is asked. None: it cannot be known."""
        assert self._watched is not None
        return transaction_status(self._watched.conninfo, self.number, 60)

    def _selected(self, sql_text: str, most: int) -> bytes | None:
        """The rows of what is one query; None where it is none, and nothing was done."""
        declared = False
        # A comment at its end must not swallow what follows.
        query = sql_text.rstrip().removesuffix(";")
        try:
            with self._call():
                inner = sql.SQL(
                    "DECLARE held CURSOR FOR SELECT pg_catalog.left(row_to_json(q)::text, {}) FROM (\n{}\n) q"
                ).format(most, sql.SQL(query))
                body = sql.SQL("BEGIN EXECUTE {}; END").format(sql.Literal(inner.as_string(self._db)))
                self._db.execute(sql.SQL("DO LANGUAGE plpgsql {}").format(sql.Literal(body.as_string(self._db))))
                declared = True
                found = bytearray()
                while len(found) < most:
                    rows = self._db.execute(f"FETCH {_FETCH} FROM held").fetchall()
                    if not rows:
                        break
                    found += b"".join(line.encode() + b"\n" for (line,) in rows)
                # What its functions do they do for every row, shown or not.
                self._db.execute("MOVE FORWARD ALL FROM held")
                self._db.execute("CLOSE held")
                return bytes(found[:most])
        except StatementError as error:
            no_query = (psycopg.errors.SyntaxError, psycopg.errors.FeatureNotSupported)
            if declared or not isinstance(error.__cause__, no_query):
                raise
            return None

    def _refuse(self, name: str) -> None:
        """A role, or a database, from which statements could reach further than a rollback."""
        mighty = [role for (role,) in self._db.execute(_MIGHTY).fetchall()]
        if mighty:
            raise SetupError(
                f"{name}: statements would run as {', '.join(mighty)}",
                why="that role reaches out of the database",
                fix="name a role that owns the tables, and no more",
            )
        out = [f"{finding.what}: {finding.why}" for finding in probe(self._db) if finding.leaves]
        if out:
            raise UnsupportedError(f"{name}: a transaction would not hold all of it", why="; ".join(out[:10]))

    def _expire(self) -> None:
        # A statement that is under way holds the lock: it is stopped first.
        with contextlib.suppress(psycopg.Error):
            self._db.cancel_safe(timeout=5)
        self.rollback()

    def _close(self) -> None:
        self._closed = True
        self._timer.cancel()
        self._db.close()

    @contextlib.contextmanager
    def _call(self) -> Iterator[None]:
        with self._alive():
            self._db.execute("SAVEPOINT call")
            try:
                yield
            except BaseException:
                if not self._db.closed:
                    self._db.execute("ROLLBACK TO call")
                    self._db.execute("RELEASE call")
                raise
            self._db.execute("RELEASE call")

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        with self._lock:
            if not self.open:
                raise StatementError("the transaction is over", why="its time was up, or an error rolled it back")
            try:
                yield
            except psycopg.Error as error:
                raise StatementError(str(error).strip() or type(error).__name__) from error
