"""A transaction that the runtime holds open: statements run in it for real, and nobody else sees them until its commit.

Statements are given to SQLite as they are: it finds their ends (a `;` inside a literal is none), and the schema's
changes belong to the transaction as rows do. A call runs all of its statements or none, and every error is raised.

It holds the database's lock for writing: everybody else's writes wait. It is rolled back once its time is up, and when
the process ends. With a commit at once it is the journal mode: effects are recorded, then the transaction is committed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from sandbox.effects.adapter import QuotaError, StatementError
from sandbox.effects.sqlite.opening import connect
from sandbox.effects.sqlite.recorded import Baseline, baseline, effects_of, session
from sandbox.effects.values import Keep
from sandbox.model.effects import Effect

_PRAGMAS = ("user_version", "application_id", "table_info", "table_xinfo", "index_list", "index_info",
            "foreign_key_list", "foreign_key_check", "defer_foreign_keys", "data_version", "table_list")  # fmt: skip
_DENIED = {
    apsw.SQLITE_ATTACH: "ATTACH",
    apsw.SQLITE_DETACH: "DETACH",
    apsw.SQLITE_TRANSACTION: "its own transactions",
    apsw.SQLITE_SAVEPOINT: "its own savepoints",
}


class Held:
    """The open transaction of the database `path`, called `name` in effects.

    `keep`: where large values go. `ttl`: seconds until it is rolled back. `rows`: how many rows one call may answer.
    `foreign_keys`: whether they are enforced, as the program that usually writes here has it. Raises UnsupportedError,
    apsw.BusyError where somebody else holds the lock.
    """

    number = ""

    def __init__(
        self, path: Path, name: str, keep: Keep, *, ttl: float, rows: int = 100_000, foreign_keys: bool = True
    ) -> None:
        self._name, self._keep, self._most = name, keep, rows
        self._lock = threading.RLock()
        self._actions: list[tuple[str, apsw.Session, Baseline]] = []
        self._ours, self._closed = True, False
        self._db = db = connect(path, ttl)
        try:
            for option, on in (
                (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 1),
                (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 1),
                (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, int(foreign_keys)),
            ):
                db.config(option, on)
            db.execute("BEGIN IMMEDIATE")
        except apsw.Error:
            db.close()
            raise
        db.authorizer = self._authorize
        self._timer = threading.Timer(ttl, self.rollback)
        self._timer.daemon = True
        self._timer.start()

    @property
    def open(self) -> bool:
        """Whether it can still be committed."""
        with self._lock:
            return not self._closed and self._db.in_transaction

    def begin(self, action: str) -> None:
        """From here on statements belong to `action`."""
        with self._alive():
            self._db.execute(f"SAVEPOINT action_{len(self._actions)}")
            self._actions.append((action, session(self._db), baseline(self._db)))

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Runs statements, all of them or none; the rows that they answer. Raises StatementError."""
        found: list[tuple[Any, ...]] = []

        def keep(row: tuple[Any, ...], _: Sequence[str]) -> None:
            found.append(row)
            if len(found) > self._most:
                raise StatementError(f"more than {self._most:,} rows")

        self._run(sql, parameters, keep)
        return found

    def answer(self, sql: str, most: int) -> bytes:
        """Runs statements, all of them or none; the rows that they answer, as JSON objects, the first `most` bytes.

        Raises StatementError.
        """
        found = bytearray()

        def tell(row: tuple[Any, ...], columns: Sequence[str]) -> None:
            if len(found) < most:
                line = {name: _plain(value) for name, value in zip(columns, row, strict=True)}
                found.extend(json.dumps(line, ensure_ascii=False).encode() + b"\n")

        self._run(sql, (), tell)
        return bytes(found[:most])

    def effects(self, action: str, most: int | None = None) -> list[Effect]:
        """What `action` and those that came after it did. Raises QuotaError where rows were written `most` times."""
        with self._alive():
            _, changes, since = self._actions[self._find(action)]
            written = self._db.total_changes() - since.written
            if most is not None and written > most:
                raise QuotaError(f"{self._name}: {written:,} changes of rows, {most:,} are allowed")
            return effects_of(self._db, self._name, changes, since, self._keep)

    def changeset(self, action: str) -> bytes:
        """The same as SQLite writes it: small, and quick to make and to invert."""
        with self._alive():
            return self._actions[self._find(action)][1].changeset()

    def drop(self, action: str) -> list[str]:
        """Takes back `action` and all that came after it; their names."""
        with self._alive():
            number = self._find(action)
            dropped = [name for name, _, _ in self._actions[number:]]
            for _, changes, _ in self._actions[number:]:
                changes.close()
            self._back(f"action_{number}")
            del self._actions[number:]
            return dropped

    def commit(self) -> None:
        """Makes everything visible. Raises StatementError: then nothing is, and it is still held."""
        with self._alive():
            self._db.execute("COMMIT")
            self._close()

    def rollback(self) -> None:
        """Drops everything; exact, whatever was done."""
        with self._lock:
            if not self._closed:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._close()

    def stop(self) -> None:
        """Ends a statement that is under way in another thread, and drops everything."""
        with contextlib.suppress(apsw.ConnectionClosedError):
            self._db.interrupt()
        self.rollback()

    def fate(self) -> bool | None:
        """Whether it was committed, after a commit that failed and left nothing open: never, here."""
        return False

    def _run(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any],
        take: Callable[[tuple[Any, ...], Sequence[str]], None],
    ) -> None:
        with self._alive():
            self._db.execute("SAVEPOINT call")
            try:
                self._ours = False
                cursor = self._db.cursor()
                for row in cursor.execute(sql, parameters or None):
                    take(row, [column[0] for column in cursor.description])
            except BaseException:
                self._ours = True
                self._back("call")
                raise
            self._ours = True
            self._db.execute("RELEASE call")

    def _close(self) -> None:
        self._closed = True
        self._timer.cancel()
        for _, changes, _ in self._actions:
            changes.close()
        self._actions.clear()
        self._db.close()

    def _back(self, savepoint: str) -> None:
        # Some errors (a full disk, RAISE(ROLLBACK)) have SQLite roll everything back.
        if self._db.in_transaction:
            self._db.execute(f"ROLLBACK TO {savepoint}")
            self._db.execute(f"RELEASE {savepoint}")

    def _find(self, action: str) -> int:
        return next(number for number, (name, _, _) in enumerate(self._actions) if name == action)

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        with self._lock:
            if not self.open:
                raise StatementError("the transaction is over", why="its time was up, or an error rolled it back")
            try:
                yield
            except (apsw.Error, UnicodeDecodeError) as error:
                over = "" if self._db.in_transaction else "SQLite rolled the whole transaction back"
                raise StatementError(str(error) or type(error).__name__, why=over) from error

    def _authorize(self, code: int, one: str | None, two: str | None, *_: str | None) -> int:
        if self._ours:
            return apsw.SQLITE_OK
        denied = code in _DENIED or (code == apsw.SQLITE_PRAGMA and one not in _PRAGMAS)
        if denied or (code == apsw.SQLITE_FUNCTION and two == "load_extension"):
            return apsw.SQLITE_DENY
        return apsw.SQLITE_OK


def _plain(value: Any) -> Any:
    """For reading: what JSON cannot hold is said in words."""
    if isinstance(value, bytes):
        return {"blob": base64.b64encode(value).decode()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
