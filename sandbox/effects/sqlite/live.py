"""SQLite databases of a workspace, as they are in the world.

A database keeps its own promise: the rows of one are written in one of its transactions, and a crash leaves it before
or after. Nothing of ours is stored in it; what became of a transaction is decided by looking at the rows again. Where
an action changed several databases they are committed one behind the other, and `recover` finishes what was begun.

Not told apart: a row that was removed and inserted again by somebody else with the very same values.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import apsw

from sandbox.effects.adapter import ConflictError, Note, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.lists import from_note, to_note
from sandbox.effects.rows import RowChange, resource_of, row_change
from sandbox.effects.sqlite.opening import connect, inside
from sandbox.effects.sqlite.writing import Rows
from sandbox.model.effects import Applied, Difference, Effect, Json, Side


class SqliteLive:
    """`root`: the workspace. `blobs`: where large values are. `seconds`: how long one database may take."""

    backend = "sqlite"

    def __init__(self, root: Path, blobs: Blobs, seconds: float = 60) -> None:
        self._root, self._blobs, self._seconds = root, blobs, seconds

    def check(self, effects: Sequence[Effect], to: Side, landed: Json = None) -> list[Difference]:
        """See `Live`. What `apply` does, rolled back: nothing of it reaches the disk."""
        found: list[Difference] = []
        for name, changes in _by_database(effects).items():
            try:
                with self._open(name, dry=True) as db:
                    Rows(db, self._blobs.read).lead(changes, to)
            except ConflictError as error:
                found += error.differences
        return found

    def apply(self, effects: Sequence[Effect], to: Side, note: Note, landed: Json = None) -> Applied:
        """See `Live`. Raises ConflictError, UnsupportedError, OSError."""
        groups = _by_database(effects)
        residue = tuple(dict.fromkeys(each for effect in effects for each in effect.residue)) if to == "pre" else ()
        # The first row that is written makes a journal beside the database: recovery has to know of it before.
        foreseen = self._foresee(groups, to)
        if foreseen:
            note("transition", self._intent(effects, to, groups), durable=True)
        with contextlib.ExitStack() as stack:
            open_: list[tuple[str, apsw.Connection]] = []
            differences: list[Difference] = []
            written = 0
            for name in sorted(groups):
                try:
                    db = stack.enter_context(self._open(name))
                    written += Rows(db, self._blobs.read).lead(groups[name], to)
                    open_.append((name, db))
                except ConflictError as error:
                    differences += error.differences
            if differences:
                raise ConflictError(differences)
            if written and not foreseen:
                note("transition", self._intent(effects, to, groups), durable=True)
            self._commit(open_, groups, to)
        return Applied(written, len(effects) - written, residue)

    def verify(self, effects: Sequence[Effect], at: Side, landed: Json = None) -> list[Difference]:
        """See `Live`."""
        found: list[Difference] = []
        for name, changes in _by_database(effects).items():
            try:
                with self._open(name, dry=True) as db:
                    wrong, differences = Rows(db, self._blobs.read).judge(changes, at)
            except ConflictError as error:
                found += error.differences
                continue
            other = "pre" if at == "post" else "post"
            found += differences
            for change in wrong:
                resource = resource_of("sqlite", change.place, change.key)
                found.append(Difference(resource, "row", f"as {at}", f"as {other}"))
        return found

    def recover(self, begun: Mapping[str, Json], note: Note) -> Side:
        """See `Live`. Raises ConflictError where others have changed the rows since, both ways."""
        effects = from_note(self._blobs, begun)
        to: Side = begun["to"]
        source: Side = "pre" if to == "post" else "post"
        ended = to
        if self.verify(effects, to):
            # One database is before or after as a whole; of several, those that were committed may be led on or back.
            ended = source if len(_by_database(effects)) == 1 or self.check(effects, to) else to
            if self.verify(effects, ended):
                self.apply(effects, ended, lambda *_, **__: None)
        self._tidy(_by_database(effects), begun.get("beside", [*_by_database(effects)]))
        note("recovered", {"backend": self.backend, "ended": ended}, durable=True)
        return ended

    def _foresee(self, groups: Mapping[str, list[RowChange]], to: Side) -> bool:
        """Whether anything has to be written. Writes nothing. Raises ConflictError, with all of them."""
        writes = False
        differences: list[Difference] = []
        for name in sorted(groups):
            try:
                with self._open(name, dry=True) as db:
                    writes |= Rows(db, self._blobs.read).foresee(groups[name], to)
            except ConflictError as error:
                differences += error.differences
        if differences:
            raise ConflictError(differences)
        return writes

    def _tidy(self, names: Iterable[str], beside: Sequence[Json]) -> None:
        """Removes journals that were cut short before they held anything: SQLite itself leaves those lying."""
        for name in names:
            path = self._journal_of(name)
            if name in beside or not path.exists():
                continue
            # With the lock for writing nobody else's journal can be there; one of use was played back to get it.
            with contextlib.suppress(ConflictError, FileNotFoundError), self._open(name, dry=True):
                path.unlink()

    def _journal_of(self, name: str) -> Path:
        path = inside(self._root, name)
        return path.with_name(f"{path.name}-journal")

    def _intent(self, effects: Sequence[Effect], to: Side, names: Iterable[str]) -> dict[str, Json]:
        beside = [name for name in sorted(names) if self._journal_of(name).exists()]
        return {"to": to, "backend": self.backend, "beside": beside, **to_note(self._blobs, effects)}

    def _commit(self, open_: Sequence[tuple[str, apsw.Connection]], groups: Mapping[str, list[RowChange]], to: Side
    ) -> None:  # fmt: skip
        """Commits one behind the other; what cannot be finished is taken back. Raises OSError."""
        done: list[str] = []
        try:
            for name, db in open_:
                db.execute("COMMIT")
                done.append(name)
        except apsw.Error:
            back: Side = "pre" if to == "post" else "post"
            for name in done:
                with self._open(name) as db:
                    Rows(db, self._blobs.read).lead(groups[name], back)
                    db.execute("COMMIT")
            raise

    @contextlib.contextmanager
    def _open(self, name: str, *, dry: bool = False) -> Iterator[apsw.Connection]:
        """A transaction that holds the database's only lock for writing; rolled back unless it is committed."""
        path = inside(self._root, name)
        if not path.exists():
            raise ConflictError([Difference(f"sqlite:{name}", "database", "there", "gone")])
        with _errors_of(name):
            db = connect(path, self._seconds)
            try:
                if dry:
                    # Nothing is written before a commit, and none comes: not even a journal has to be.
                    db.pragma("cache_spill", False)
                    if db.pragma("journal_mode") != "wal":
                        db.pragma("journal_mode", "memory")
                db.execute("BEGIN IMMEDIATE")
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                db.close()


@contextlib.contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """SQLite's errors as those that the protocol names."""
    try:
        yield
    except apsw.BusyError as error:
        raise OSError(errno.EBUSY, f"{name}: somebody else holds the database: {error}") from error
    except apsw.InterruptError as error:
        raise OSError(errno.ETIMEDOUT, f"{name}: took too long") from error
    except apsw.ConstraintError as error:
        raise ConflictError([Difference(f"sqlite:{name}", "constraint", "kept", str(error))]) from error
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
        raise UnsupportedError(f"{name}: {error}") from error
    except apsw.Error as error:
        raise OSError(errno.EIO, f"{name}: {error}") from error


def _by_database(effects: Sequence[Effect]) -> dict[str, list[RowChange]]:
    found: dict[str, list[RowChange]] = {}
    for effect in effects:
        change = row_change(effect)
        found.setdefault(change.place[0], []).append(change)
    return found
