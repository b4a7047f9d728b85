"""Rows of a live database, led from one side to the other inside a transaction that the caller opened.

Rows are locked while they are judged, then all are written, then all are read again. The role of a replica keeps
triggers, rules and foreign keys from acting; what would be left without its parent is looked for, and is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.postgres.catalog import Table, foreign_keys, tables
from sandbox.effects.postgres.orphans import Orphans
from sandbox.effects.rows import Row, RowChange, Step, judge, resource_of
from sandbox.effects.values import Value, decode, digest_only, encode
from sandbox.model.effects import Difference, Json, Side

_MANY = "several equal rows"


class Rows:
    """Rows in one transaction. `read`: fetches what is in the blob store. `changes`: all that it will be asked."""

    def __init__(self, db: psycopg.Connection[Any], read: Callable[[str], bytes], changes: Sequence[RowChange]) -> None:
        self._db, self._read = db, read
        names = sorted({(change.place[1], change.place[2]) for change in changes})
        self._tables = {(table.schema, table.name): table for table in tables(db, names)}
        self._keys = foreign_keys(db)

    def judge(self, changes: Sequence[RowChange], to: Side) -> tuple[list[RowChange], list[Difference]]:
        """Those that have to be written, and the conflicts."""
        writes: list[RowChange] = []
        differences: list[Difference] = []
        for group in _groups(changes):
            for change, step in self._steps(group, to):
                if isinstance(step, list):
                    differences += step
                elif step == "write":
                    writes.append(change)
        return writes, differences

    def lead(self, changes: Sequence[RowChange], to: Side) -> int:
        """Writes what has to be written; how many. Raises ConflictError: the caller rolls the transaction back."""
        writes, differences = self.judge(changes, to)
        if differences:
            raise ConflictError(differences)
        rows = [change for change in writes if not _is_sequence(change)]
        orphans = Orphans(self._db, [*self._tables.values()], self._keys)
        for change in rows:
            table = self._table(change)
            if not orphans.concern(table):
                continue
            back: Side = "pre" if to == "post" else "post"
            places = self._where(table, change, to), self._where(table, change, back)
            orphans.before(table, *places, change.sides(to)[1])
        for change in writes:
            if _is_sequence(change):
                self._go_on(change)
        try:
            self._write(rows, to)
        except psycopg.errors.IntegrityError as error:
            what = error.diag.constraint_name or "constraint"
            resource = f"postgres:#{error.diag.schema_name}.{error.diag.table_name}"
            raise ConflictError([Difference(resource, what, "kept", error.diag.message_primary or "")]) from error
        left, differences = self.judge(changes, to)
        if left or differences:
            what = resource_of("postgres", left[0].place) if left else differences[0].resource
            raise UnsupportedError(f"{what}: the database did not keep what was written")
        differences = orphans.after()
        if differences:
            raise ConflictError(differences)
        return len(writes)

    def _write(self, rows: Sequence[RowChange], to: Side) -> None:
        kinds: dict[str, list[RowChange]] = {"delete": [], "update": [], "insert": []}
        for change in rows:
            source, target = change.sides(to)
            kinds["delete" if target is None else "insert" if source is None else "update"].append(change)
        for group in _groups(kinds["delete"]):
            self._delete(group, to)
        try:
            with self._db.transaction():
                for group in _groups(kinds["update"]):
                    self._update(group, to)
        except psycopg.errors.UniqueViolation:
            self._exchange(kinds["update"], to)
        for group in _groups(kinds["insert"]):
            self._insert(group[0], [change.sides(to)[1] or {} for change in group])

    def _delete(self, group: list[RowChange], to: Side) -> None:
        table = self._table(group[0])
        if group[0].whole:
            for change in group:
                self._run("DELETE FROM ONLY {table} WHERE {where}", table, where=self._where(table, change, to))
            return
        same = "DELETE FROM ONLY {table} t USING {rows} WHERE {same}"
        self._run(same, table, **self._joined(table, group, []))

    def _update(self, group: list[RowChange], to: Side) -> None:
        table, targets = self._table(group[0]), [change.sides(to)[1] or {} for change in group]
        if group[0].whole:
            for change, row in zip(group, targets, strict=True):
                each = [_set(name, self._cast(table, name, value)) for name, value in row.items()]
                self._run(
                    "UPDATE ONLY {table} SET {sets} WHERE {where}",
                    table,
                    sets=sql.SQL(", ").join(each),
                    where=self._where(table, change, to),
                )
            return
        sets = [_set(name, _of_row(table, name, number)) for number, name in enumerate(targets[0])]
        update = "UPDATE ONLY {table} t SET {sets} FROM {rows} WHERE {same}"
        self._run(update, table, sets=sql.SQL(", ").join(sets), **self._joined(table, group, targets))

    def _insert(self, like: RowChange, rows: Sequence[Row]) -> None:
        table, names = self._table(like), list(rows[0])
        values = [_of_row(table, name, number) for number, name in enumerate(names)]
        self._run(
            "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {rows}",
            table,
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(values),
            rows=self._beside([(f"v{number}", [row[name] for row in rows]) for number, name in enumerate(names)]),
        )

    def _exchange(self, changes: Sequence[RowChange], to: Side) -> None:
        """Takes rows out and puts them in again: what is unique may go from one of them to another."""
        rows: list[Row] = []
        for change in changes:
            table = self._table(change)
            names = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.columns)
            query = sql.SQL("SELECT {} FROM ONLY {} WHERE {}").format(names, table.sql, self._where(table, change, to))
            (found,) = self._db.execute(query).fetchall()
            rows.append({**dict(zip(table.columns, found, strict=True)), **(change.sides(to)[1] or {})})
        for change in changes:
            self._delete([change], to)
        for change, row in zip(changes, rows, strict=True):
            self._insert(change, [row])

    def _joined(self, table: Table, group: list[RowChange], targets: Sequence[Row]) -> dict[str, sql.Composed]:
        """The keys of a group, and what is written, as rows beside the table; and how they belong together."""
        keys = list(group[0].key)
        parts = [(f"k{number}", [change.key[name] for change in group]) for number, name in enumerate(keys)]
        parts += [(f"v{n}", [row[name] for row in targets]) for n, name in enumerate(targets[0] if targets else ())]
        same = [
            sql.SQL("t.{} = x.{}::{}").format(sql.Identifier(name), sql.Identifier(f"k{number}"), _type(table, name))
            for number, name in enumerate(keys)
        ]
        return {"rows": self._beside(parts), "same": sql.SQL(" AND ").join(same)}

    def _beside(self, parts: Sequence[tuple[str, list[Json]]]) -> sql.Composed:
        """Columns of text as a table `x`, whose last column `n` numbers its rows from 1."""
        arrays = [
            sql.SQL("{}::text[]").format(sql.Literal([self._value(value) for value in values])) for _, values in parts
        ]
        names = [sql.Identifier(name) for name, _ in parts]
        return sql.SQL("unnest({}) WITH ORDINALITY AS x({}, n)").format(
            sql.SQL(", ").join(arrays), sql.SQL(", ").join(names)
        )

    def _go_on(self, change: RowChange) -> None:
        name = sql.Identifier(*change.place[1:]).as_string(self._db)
        self._db.execute("SELECT setval(%s::regclass, %s)", (name, int((change.post or {})["last_value"])))

    def _steps(self, group: list[RowChange], to: Side) -> list[tuple[RowChange, Step | list[Difference]]]:
        if _is_sequence(group[0]):
            return [(change, self._sequence(change, to)) for change in group]
        try:
            table = self._table(group[0])
        except LookupError as error:
            gone = [Difference(resource_of("postgres", group[0].place), "table", "as it was", f"without {error}")]
            return [(group[0], gone)]
        if group[0].whole:
            return [(change, self._whole(table, change, to)) for change in group]
        found = self._fetch(table, group)
        return [(c, judge(c, to, row, "postgres")) for c, row in zip(group, found, strict=True)]

    def _sequence(self, change: RowChange, to: Side) -> Step:
        if to == "pre":
            return "already"
        schema, name = change.place[1:]
        query = "SELECT last_value FROM pg_sequences WHERE schemaname = %s AND sequencename = %s"
        rows = self._db.execute(query, (schema, name)).fetchall()
        return "write" if rows and (rows[0][0] or 0) < (change.post or {})["last_value"] else "already"

    def _whole(self, table: Table, change: RowChange, to: Side) -> Step | list[Difference]:
        """Of rows that are told by all of their columns: there has to be exactly one."""
        counts = []
        for row in change.sides(to):
            if row is not None and set(row) != set(table.columns):
                resource = resource_of("postgres", change.place)
                return [Difference(resource, "columns", ", ".join(row), ", ".join(table.columns))]
            query = sql.SQL("SELECT count(*) FROM ONLY {} t WHERE {}").format(table.sql, self._same(row or {}))
            counts.append(None if row is None else self._db.execute(query).fetchall()[0][0])
        source, target = counts
        if source in (None, 1) and target in (None, 0):
            return "write"
        if source in (None, 0) and target in (None, 1):
            return "already"
        found = _MANY if max(count or 0 for count in counts) > 1 else "gone" if not source else "both there"
        return [Difference(resource_of("postgres", change.place), "row", "there once", found)]

    def _fetch(self, table: Table, group: list[RowChange]) -> list[Row | None]:
        """The rows of a group as they are now, locked."""
        first = group[0]
        names = list(table.columns)
        if first.op == "update":
            names = [name for name in table.columns if name in (first.post or {}) or name in first.key]
        query = sql.SQL("SELECT x.n, {names} FROM {rows} JOIN ONLY {table} t ON {same} FOR UPDATE OF t").format(
            names=sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(name)) for name in names),
            table=table.sql,
            **self._joined(table, group, []),
        )
        found: list[Row | None] = [None] * len(group)
        for number, *row in self._db.execute(query).fetchall():
            change = group[number - 1]
            encoded = {name: encode(value, digest_only) for name, value in zip(names, row, strict=True)}
            if all(encoded[name] == value for name, value in change.key.items()):
                wanted = change.post if change.op == "update" else encoded
                found[number - 1] = {name: encoded[name] for name in names if name in (wanted or {})}
        return found

    def _where(self, table: Table, change: RowChange, to: Side) -> sql.Composed:
        """One row: by its key, or one of those that hold what it comes from."""
        if change.whole:
            source = change.sides(to)[0] or change.sides(to)[1] or {}
            return sql.SQL("ctid = (SELECT t.ctid FROM ONLY {} t WHERE {} LIMIT 1 FOR UPDATE)").format(
                table.sql, self._same(source)
            )
        each = [sql.SQL("{} = {}").format(sql.Identifier(n), self._cast(table, n, v)) for n, v in change.key.items()]
        return sql.SQL(" AND ").join(each)

    def _same(self, row: Row) -> sql.Composed:
        each = [
            sql.SQL("t.{}::text IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Literal(self._value(value)))
            for name, value in row.items()
        ]
        return sql.SQL(" AND ").join(each)

    def _cast(self, table: Table, name: str, value: Json) -> sql.Composed:
        return sql.SQL("{}::{}").format(sql.Literal(self._value(value)), _type(table, name))

    def _run(self, statement: LiteralString, table: Table, **parts: sql.Composable) -> None:
        self._db.execute(sql.SQL(statement).format(table=table.sql, **parts))

    def _table(self, change: RowChange) -> Table:
        """Raises KeyError where it, or a column, is gone."""
        table = self._tables[change.place[1], change.place[2]]
        for column in (*(change.pre or ()), *(change.post or ()), *change.key):
            if column not in table.types:
                raise KeyError(column)
        return table

    def _value(self, value: Json) -> Value:
        return decode(value, self._read)


def _is_sequence(change: RowChange) -> bool:
    return not change.key and not change.whole


def _type(table: Table, name: str) -> sql.SQL:
    # As the server wrote it.
    return sql.SQL(table.types[name])


def _set(name: str, value: sql.Composed) -> sql.Composed:
    return sql.SQL("{} = {}").format(sql.Identifier(name), value)


def _of_row(table: Table, name: str, number: int) -> sql.Composed:
    return sql.SQL("x.{}::{}").format(sql.Identifier(f"v{number}"), _type(table, name))


def _groups(changes: Sequence[RowChange]) -> list[list[RowChange]]:
    found: dict[tuple[object, ...], list[RowChange]] = {}
    for change in changes:
        shape = (change.place, change.whole, change.op, tuple(change.key), tuple(change.post or change.pre or ()))
        found.setdefault(shape, []).append(change)
    return list(found.values())
