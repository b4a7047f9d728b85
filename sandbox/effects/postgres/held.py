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

from sandbox.effects.postgres.catalog import SCHEMA
from sandbox.errors import SandboxError


class StatementError(SandboxError):
    """A statement failed, or may not be run here. Nothing of the call that it belongs to was done."""

    code = "statement"


class Held:
    """The open transaction. `conninfo`: of the role that the statements run as, which should be no superuser.

    `ttl`: seconds until it is rolled back; its locks are gone then. Raises psycopg.Error.
    """

    def __init__(self, conninfo: str, *, ttl: float, rows: int = 100_000) -> None:
        self._most, self._closed = rows, False
        self._lock = threading.RLock()
        self._actions: list[str] = []
        self._db = psycopg.connect(conninfo, autocommit=True)
        try:
            # Also where this process is stopped, the server ends it.
            wait = f"{max(1, int(ttl * 1000))}ms"
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                self._db.execute("SELECT set_config(%s, %s, false)", (name, wait))
            self._db.execute("BEGIN")
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
