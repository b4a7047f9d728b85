"""Rows that a write would leave without the row that they refer to."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import psycopg
from psycopg import sql

from sandbox.effects.postgres.catalog import ForeignKey, Table
from sandbox.model.effects import Difference


class Orphans:
    """Looks at the rows that are written and at those that refer to them."""

    def __init__(self, db: psycopg.Connection[Any], tables: Sequence[Table], keys: Sequence[ForeignKey]) -> None:
        self._db, self._keys = db, keys
        self._tables = {table.oid: table for table in tables}
        self._values: dict[ForeignKey, set[tuple[str, ...]]] = {}
        self._children: list[tuple[Table, ForeignKey, sql.Composed]] = []

    def concern(self, table: Table) -> bool:
        """Whether anything refers to a table, or it to anything."""
        return any(key.parent in table.above or key.child in table.above for key in self._keys)

    def before(self, table: Table, where: sql.Composed, then: sql.Composed, target: Container[str] | None) -> None:
        """Is told of every row before it is written: where it is and where it then is.

        `target`: the columns that are written; None when the row is removed.
        """
        for key in self._keys:
            if key.parent in table.above and (target is None or any(name in target for name in key.to)):
                for row in self._texts(table, key.to, where):
                    self._values.setdefault(key, set()).add(row)
            if key.child in table.above and target is not None and any(name in target for name in key.columns):
                self._children.append((table, key, then))

    def after(self) -> list[Difference]:
        """The orphans, once everything is written."""
        for table, key, where in self._children:
            for row in self._texts(table, key.columns, where):
                self._values.setdefault(key, set()).add(row)
        found = []
        for key, values in self._values.items():
            child, parent = self._tables[key.child], self._tables[key.parent]
            for row in sorted(values):
                query = sql.SQL("SELECT 1 FROM {} WHERE {} AND NOT EXISTS (SELECT 1 FROM {} WHERE {}) LIMIT 1").format(
                    child.sql, _equal(child, key.columns, row), parent.sql, _equal(parent, key.to, row)
                )
                if self._db.execute(query).fetchall():
                    wanted = f"a row of {parent.name} for {', '.join(key.columns)} = {', '.join(row)}"
                    found.append(Difference(f"postgres:#{child.schema}.{child.name}", "foreign key", wanted, "none"))
        return found

    def _texts(self, table: Table, names: Sequence[str], where: sql.Composed) -> list[tuple[str, ...]]:
        each = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
        rows = self._db.execute(sql.SQL("SELECT {} FROM {} WHERE {}").format(each, table.sql, where)).fetchall()
        return [row for row in rows if None not in row]


def _equal(table: Table, names: Sequence[str], row: Sequence[str]) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}::{}").format(sql.Identifier(name), sql.Literal(value), sql.SQL(table.types[name]))
        for name, value in zip(names, row, strict=True)
    )
