"""Rows that a write would leave without the row that they refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw

from sandbox.effects.rows import Row
from sandbox.effects.sqlite.opening import ask
from sandbox.effects.sqlite.reading import bound, place_of, select, where
from sandbox.effects.sqlite.schema import ForeignKey, Schema, Table, quoted
from sandbox.effects.values import Value
from sandbox.model.effects import Difference


class Orphans:
    """Looks at the rows that are written and at those that refer to them, never at whole tables' worth of others."""

    def __init__(self, db: apsw.Connection, schema: Schema) -> None:
        self._db = db
        self._tables = {name.lower(): table for name, table in schema.tables.items()}
        self._children: dict[str, list[tuple[Table, ForeignKey]]] = {}
        for table in schema.tables.values():
            for key in table.foreign:
                self._children.setdefault(key.parent.lower(), []).append((table, key))
        self._gone: dict[tuple[str, ForeignKey, tuple[Value, ...]], Table] = {}
        self._written: list[tuple[Table, ForeignKey, str, Sequence[Value]]] = []

    def concern(self, table: Table, columns: Sequence[str]) -> bool:
        """Whether writing these columns could make any."""
        lower = {name.lower() for name in columns}
        refers = [foreign.columns for foreign in table.foreign]
        referred = [foreign.to for _, foreign in self._children.get(table.name.lower(), ())]
        return any(name.lower() in lower for names in (*refers, *referred) for name in names)

    def before(self, table: Table, names: Sequence[str], key: Sequence[Value], target: Mapping[str, object] | None
    ) -> None:  # fmt: skip
        """Is told of every row before it is written. `target`: what is written, None when it is removed."""
        clause = where(names, key)
        for child, foreign in self._children.get(table.name.lower(), ()):
            columns = _as_declared(table, foreign.to)
            if target is not None and not set(columns) & target.keys():
                continue
            sql = f"SELECT {select(columns)} FROM {place_of(table)} WHERE {clause}"
            for row in ask(self._db, sql, key):
                if None not in row:
                    self._gone[child.name, foreign, tuple(row)] = child
        if target is not None:
            self._written += [
                (table, foreign, clause, key)
                for foreign in table.foreign
                if set(_as_declared(table, foreign.columns)) & target.keys()
            ]

    def after(self) -> list[Difference]:
        """The orphans, once everything is written."""
        found = []
        for (_, foreign, values), child in self._gone.items():
            left = f"SELECT 1 FROM {place_of(child)} WHERE {where(foreign.columns, values)} LIMIT 1"
            if ask(self._db, left, values) and not self._there(foreign, values):
                found.append(_orphan(child, foreign, values))
        for table, foreign, clause, key in self._written:
            sql = f"SELECT {select(foreign.columns)} FROM {place_of(table)} WHERE {clause}"
            rows = [row for row in ask(self._db, sql, key) if None not in row]
            found += [_orphan(table, foreign, row) for row in rows if not self._there(foreign, row)]
        return found

    def _there(self, foreign: ForeignKey, values: Sequence[Value]) -> bool:
        parent = self._tables.get(foreign.parent.lower())
        if parent is None:
            return False
        # The parent's own affinity decides what is equal, as it does for SQLite.
        marks = " AND ".join(f"{quoted(name)} = {bound(value)}" for name, value in zip(foreign.to, values, strict=True))
        return bool(ask(self._db, f"SELECT 1 FROM {place_of(parent)} WHERE {marks} LIMIT 1", values))


def _as_declared(table: Table, names: Sequence[str]) -> list[str]:
    """Foreign keys may name columns in another case than the table does."""
    known = {name.lower(): name for name in table.columns}
    return [known.get(name.lower(), name) for name in names]


def _orphan(table: Table, foreign: ForeignKey, values: Row | Sequence[Value]) -> Difference:
    what = f"{', '.join(foreign.columns)} = {', '.join(map(repr, values))}"
    return Difference(f"sqlite:#{table.name}", "foreign key", f"a row of {foreign.parent} for {what}", "none")
