"""A workspace with one SQLite database, an action on a copy of it, and the world in between."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from sandbox.effects.blobs import Blobs
from sandbox.effects.sqlite.capture import At, diff
from sandbox.effects.sqlite.live import SqliteLive
from sandbox.effects.sqlite.opening import COMPANIONS
from sandbox.effects.sqlite.schema import quoted
from sandbox.model.effects import Effect

Act = str | Callable[[apsw.Connection], None]


@dataclass
class Notes:
    """Keeps what a backend writes into the journal."""

    written: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def __call__(self, kind: str, body: Mapping[str, object], *, durable: bool = False) -> None:
        self.written.append((kind, body))


class Shop:
    """`shop.db` in a workspace."""

    def __init__(self, folder: Path, setup: Act = "") -> None:
        self.root, self.branch = folder / "workspace", folder / "branch"
        self.root.mkdir()
        self.branch.mkdir()
        self.blobs = Blobs(folder / "blobs", 1 << 30)
        self.live = SqliteLive(self.root, self.blobs)
        self.notes = Notes()
        self.file = self.root / "shop.db"
        apsw.Connection(str(self.file)).close()
        self.write(setup)

    def write(self, act: Act, file: Path | None = None) -> None:
        """Does something to the live database, or to another file, as any program would."""
        db = apsw.Connection(str(file or self.file))
        try:
            act(db) if callable(act) else db.execute(act).fetchall()
        finally:
            db.close()

    def act(self, act: Act) -> list[Effect]:
        """An action: done to a copy, and told by comparing."""
        copy = self.copy()
        self.write(act, copy)
        return self.compare(copy)

    def copy(self) -> Path:
        copy = self.branch / "shop.db"
        for end in ("", *COMPANIONS):
            if Path(f"{self.file}{end}").exists():
                shutil.copy(f"{self.file}{end}", f"{copy}{end}")
        return copy

    def compare(self, copy: Path) -> list[Effect]:
        return diff(At(self.root, "shop.db"), At(copy.parent, copy.name), "shop.db", self.blobs)

    def lead(self, effects: Sequence[Effect], to: str) -> None:
        self.live.apply(effects, to, self.notes)  # type: ignore[arg-type]

    def dump(self, file: Path | None = None) -> object:
        """Everything that can be read of the database, types and bytes included, but for what is named as residue."""
        db = apsw.Connection(str(file or self.file), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            tables = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY 1").fetchall()
            found: dict[str, object] = {
                name: (sql, _rows(db, name)) for name, sql in tables if name != "sqlite_sequence"
            }
            found[""] = db.pragma("user_version"), db.pragma("application_id")
            return found
        finally:
            db.close()


def _rows(db: apsw.Connection, table: str) -> list[object]:
    names = [quoted(row[1]) for row in db.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()]
    asked = ", ".join(f"typeof({c}), CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END" for c in names)
    return sorted(repr(row) for row in db.execute(f"SELECT {asked} FROM {quoted(table)}"))
