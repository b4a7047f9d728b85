"""A PostgreSQL database as it is in the world.

Everything is written in one transaction, and a crash leaves the database before or after. Where the connection is lost
while it commits, the server is asked what became of the transaction, by its number; where nobody answers, it is in
doubt, and said to be so.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import psycopg

from sandbox.effects.adapter import ConflictError, Note, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.lists import from_note, to_note
from sandbox.effects.postgres.catalog import settle
from sandbox.effects.postgres.writing import Rows
from sandbox.effects.rows import RowChange, resource_of, row_change
from sandbox.errors import SandboxError, SetupError
from sandbox.model.effects import Applied, Difference, Effect, Json, Side

_TRIES = 3
_STATUS = "SELECT pg_xact_status(%s::xid8)"
_Result = TypeVar("_Result")


class InDoubtError(SandboxError):
    """The connection was lost while a transaction committed, and the server does not say what became of it."""

    code = "in_doubt"


class PostgresLive:
    """`conninfo`: of a superuser (or of whoever may set session_replication_role). `database`: its name in effects.

    `seconds`: how long a statement, or waiting for a lock, may take; and how long a server is asked about a commit.
    """

    backend = "postgres"

    def __init__(self, conninfo: str, database: str, blobs: Blobs, seconds: float = 60) -> None:
        self._conninfo, self._database, self._blobs, self._seconds = conninfo, database, blobs, seconds

    def check(self, effects: Sequence[Effect], to: Side, landed: Json = None) -> list[Difference]:
        """See `Live`. What `apply` does, rolled back."""

        def look() -> list[Difference]:
            with self._open() as db:
                try:
                    changes = self._changes(effects)
                    Rows(db, self._blobs.read, changes).lead(changes, to)
                except ConflictError as error:
                    return list(error.differences)
            return []

        return self._again(look)

    def apply(self, effects: Sequence[Effect], to: Side, note: Note, landed: Json = None) -> Applied:
        """See `Live`. Raises ConflictError, UnsupportedError, SetupError, OSError, InDoubtError."""
        changes = self._changes(effects)
        residue = tuple(dict.fromkeys(each for effect in effects for each in effect.residue)) if to == "pre" else ()

        def write() -> int:
            with self._open() as db:
                written = Rows(db, self._blobs.read, changes).lead(changes, to)
                if written:
                    ((number,),) = db.execute("SELECT pg_current_xact_id()::text").fetchall()
                    note("transition", self._intent(effects, to, number), durable=True)
                    self._commit(db, number)
                return written

        written = self._again(write)
        return Applied(written, len(effects) - written, residue)

    def verify(self, effects: Sequence[Effect], at: Side, landed: Json = None) -> list[Difference]:
        """See `Live`."""
        changes = self._changes(effects)

        def look() -> tuple[list[RowChange], list[Difference]]:
            with self._open() as db:
                return Rows(db, self._blobs.read, changes).judge(changes, at)

        wrong, differences = self._again(look)
        other = "pre" if at == "post" else "post"
        return differences + [
            Difference(resource_of("postgres", change.place, change.key), "row", f"as {at}", f"as {other}")
            for change in wrong
        ]

    def recover(self, begun: Mapping[str, Json], note: Note) -> Side:
        """See `Live`. Raises InDoubtError, ConflictError where nobody knows and the rows are at neither side."""
        to: Side = begun["to"]
        source: Side = "pre" if to == "post" else "post"
        status = self._status(begun["xid"])
        if status is None:
            effects = from_note(self._blobs, begun)
            ended = to if not self.verify(effects, to) else source
            if ended == source and (differences := self.verify(effects, source)):
                raise ConflictError(differences)
        else:
            ended = to if status else source
        note("recovered", {"backend": self.backend, "ended": ended}, durable=True)
        return ended

    def _commit(self, db: psycopg.Connection[Any], number: str) -> None:
        try:
            db.commit()
        except psycopg.OperationalError as error:
            committed = self._status(number)
            if committed is None:
                raise InDoubtError(f"{self._database}: transaction {number}", why=str(error)) from error
            if not committed:
                raise OSError(errno.EIO, f"{self._database}: not committed: {error}") from error

    def _status(self, number: str) -> bool | None:
        return transaction_status(self._conninfo, number, self._seconds)

    def _intent(self, effects: Sequence[Effect], to: Side, number: str) -> dict[str, Json]:
        return {"to": to, "backend": self.backend, "xid": number, **to_note(self._blobs, effects)}

    def _changes(self, effects: Sequence[Effect]) -> list[RowChange]:
        changes = [row_change(effect) for effect in effects]
        for change in changes:
            if change.place[0] != self._database or len(change.place) != 3:
                raise UnsupportedError(f"{change.place[0]}: another database than {self._database}")
        return changes

    def _again(self, act: Callable[[], _Result]) -> _Result:
        """Runs a transaction once more where others were in its way: nothing of it had happened."""
        for left in reversed(range(_TRIES)):
            try:
                return act()
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
                if not left:
                    raise OSError(errno.EDEADLK, f"{self._database}: {error}") from error
            except psycopg.errors.LockNotAvailable as error:
                raise OSError(errno.EBUSY, f"{self._database}: {error}") from error
            except psycopg.errors.QueryCanceled as error:
                raise OSError(errno.ETIMEDOUT, f"{self._database}: {error}") from error
            except psycopg.Error as error:
                raise OSError(errno.EIO, f"{self._database}: {error}") from error
        raise AssertionError("unreachable")

    @contextlib.contextmanager
    def _open(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction in which nothing acts but what is asked for; rolled back unless it is committed."""
        wait = f"{int(self._seconds * 1000)}ms"
        db = psycopg.connect(self._conninfo, autocommit=True)
        try:
            try:
                settle(
                    db,
                    lock_timeout=wait,
                    statement_timeout=wait,
                    idle_in_transaction_session_timeout=wait,
                    row_security="off",
                    session_replication_role="replica",
                )
            except psycopg.errors.InsufficientPrivilege as error:
                raise SetupError(
                    f"{self._database}: triggers would act again",
                    why=str(error).strip(),
                    fix="GRANT SET ON PARAMETER session_replication_role TO the role, or use a superuser",
                ) from error
            db.autocommit = False
            yield db
        finally:
            db.close()


def transaction_status(conninfo: str, number: str, seconds: float) -> bool | None:
    """Whether a transaction committed; None where the server is gone, or does not remember. Waits while it runs."""
    until = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(conninfo, autocommit=True) as db:
                ((status,),) = db.execute(_STATUS, (number,)).fetchall()
        except psycopg.OperationalError:
            status = "in progress"
        except psycopg.errors.InvalidParameterValue:
            status = None
        if status != "in progress":
            return None if status is None else str(status) == "committed"
        if time.monotonic() > until:
            return None
        time.sleep(0.05)
