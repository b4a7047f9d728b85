"""Rows of a live database, led from one side to the other inside a transaction that the caller opened.

First every row is judged as it is, then all are written, then all are read again. Deletes come first and inserts last,
so that values that have to be unique can move; where rows exchange such values, they are taken out and put in again.
No trigger fires and no foreign key acts (their work is among the rows), but what would be left without its parent is a
conflict. Conflict clauses of the schema (`ON CONFLICT REPLACE`) are overruled: they would remove other people's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import apsw

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.rows import Row, RowChange, Step, judge, resource_of
from sandbox.effects.sqlite.bulk import WORTH_IT, Bulk, Group, groups_of
from sandbox.effects.sqlite.opening import ask
from sandbox.effects.sqlite.orphans import Orphans
from sandbox.effects.sqlite.reading import bound, current, current_header, from_raw, place_of, select, select_raw, where
from sandbox.effects.sqlite.schema import Schema, Table, by_rowid, quoted, schema_of
from sandbox.effects.values import Value, decode, digest_only
from sandbox.model.effects import Difference, Json, Side


@dataclass(frozen=True, slots=True)
class _Write:
    change: RowChange
    table: Table
    source: Row | None
    target: Row | None


class Rows:
    """Rows of one database in one transaction. `read`: fetches what is in the blob store."""

    def __init__(self, db: apsw.Connection, read: Callable[[str], bytes]) -> None:
        self._db, self._read = db, read
        self._schema: Schema = schema_of(db)
        self._tables: dict[tuple[str, bool], Table] = {}
        self._bulks: dict[int, Bulk] = {}

    def judge(self, changes: Sequence[RowChange], to: Side) -> tuple[list[RowChange], list[Difference]]:
        """Those that have to be written, and the conflicts. Many alike that are there already are asked for at once."""
        writes: list[RowChange] = []
        differences: list[Difference] = []
        for group in groups_of(changes):
            bulk = self._bulk(group)
            if bulk is not None and bulk.all_at(to):
                continue
            for change in group:
                step = self._step(change, to)
                if isinstance(step, list):
                    differences += step
                elif step == "write":
                    writes.append(change)
        return writes, differences

    def foresee(self, changes: Sequence[RowChange], to: Side) -> bool:
        """Whether `lead` has to write anything. For a transaction that will be rolled back. Raises ConflictError."""
        source: Side = "pre" if to == "post" else "post"
        orphans = Orphans(self._db, self._schema)
        rest: list[RowChange] = []
        writes = False
        for group in groups_of(changes):
            bulk = self._bulk(group)
            if bulk is None or orphans.concern(bulk.group.table, bulk.columns):
                # What foreign keys have against it is found by doing it.
                return self.lead(changes, to) > 0
            if bulk.all_at(source):
                writes = True
            else:
                rest += group
        pending, differences = self.judge(rest, to)
        if differences:
            raise ConflictError(differences)
        return writes or bool(pending)

    def lead(self, changes: Sequence[RowChange], to: Side) -> int:
        """Writes what has to be written; how many. Raises ConflictError: the caller rolls the transaction back."""
        bulks: list[Bulk] = []
        rest: list[RowChange] = []
        orphans = Orphans(self._db, self._schema)
        source: Side = "pre" if to == "post" else "post"
        for group in groups_of(changes):
            bulk = self._bulk(group)
            if bulk is not None and not orphans.concern(bulk.group.table, bulk.columns) and bulk.all_at(source):
                bulks.append(bulk)
            else:
                rest += group
        pending, differences = self.judge(rest, to)
        if differences:
            raise ConflictError(differences)
        writes = [self._planned(change, to) for change in pending if len(change.place) > 1]
        for write in writes:
            orphans.before(write.table, tuple(write.change.key), self._key(write), write.target)
        for change in pending:
            if len(change.place) == 1:
                self._write_header(change, to)
        self._write(writes, bulks, to)
        self._look_again(pending, bulks, to)
        differences = orphans.after()
        if differences:
            raise ConflictError(differences)
        return len(pending) + sum(len(bulk.group.changes) for bulk in bulks)

    def _look_again(self, changes: Sequence[RowChange], bulks: Sequence[Bulk], to: Side) -> None:
        left, differences = self.judge(changes, to)
        left += [bulk.group.changes[0] for bulk in bulks if not bulk.all_at(to)]
        if left or differences:
            what = left[0].place[-1] if left else differences[0].resource
            raise UnsupportedError(f"{what}: the database did not keep what was written")

    def _write(self, writes: Sequence[_Write], bulks: Sequence[Bulk], to: Side) -> None:
        for write in writes:
            if write.target is None:
                self._delete(write)
        kinds: dict[str, list[Bulk]] = {"delete": [], "update": [], "insert": []}
        for bulk in bulks:
            kinds[bulk.kind(to)].append(bulk)
        for bulk in kinds["delete"]:
            bulk.write(to)
        updates = [write for write in writes if write.source is not None and write.target is not None]
        self._db.execute("SAVEPOINT updates")
        try:
            for write in updates:
                self._update(write)
            for bulk in kinds["update"]:
                bulk.write(to)
        except apsw.ConstraintError:
            self._db.execute("ROLLBACK TO updates")
            also = [self._planned(change, to) for bulk in kinds["update"] for change in bulk.group.changes]
            self._exchange([*updates, *also])
        self._db.execute("RELEASE updates")
        for write in writes:
            if write.source is None and write.target is not None:
                self._insert(write, self._row(write))
        for bulk in kinds["insert"]:
            bulk.write(to)

    def _bulk(self, group: list[RowChange]) -> Bulk | None:
        """Those of a group of many alike that can be asked for at once."""
        if len(group) < WORTH_IT or len(group[0].place) == 1:
            return None
        try:
            table = self._table(group[0])
        except LookupError:
            return None
        known = self._bulks.get(id(group[0]))
        if known is not None:
            return known
        bulk = Bulk(self._db, Group(table, group), self._value)
        if not bulk.load():
            return None
        self._bulks[id(group[0])] = bulk
        return bulk

    def _step(self, change: RowChange, to: Side) -> Step | list[Difference]:
        try:
            now = self._current(change)
        except LookupError as error:
            resource = resource_of("sqlite", change.place, change.key)
            return [Difference(resource, "table", "as it was", f"without {error}")]
        return judge(change, to, now, "sqlite")

    def _planned(self, change: RowChange, to: Side) -> _Write:
        return _Write(change, self._table(change), *change.sides(to))

    def _delete(self, write: _Write) -> None:
        values = self._key(write)
        self._db.execute(f"DELETE FROM {place_of(write.table)} WHERE {where(tuple(write.change.key), values)}", values)

    def _update(self, write: _Write) -> None:
        new, key = self._row(write), self._key(write)
        sets = ", ".join(f"{quoted(name)} = {bound(value)}" for name, value in new.items())
        clause = where(tuple(write.change.key), key)
        self._db.execute(f"UPDATE OR ABORT {place_of(write.table)} SET {sets} WHERE {clause}", (*new.values(), *key))

    def _insert(self, write: _Write, row: dict[str, Value]) -> None:
        names, values = list(row), [*row.values()]
        if write.change.whole:
            names, values = [*write.change.key, *names], [*self._key(write), *values]
        marks = ", ".join(bound(value) for value in values)
        sql = f"INSERT OR ABORT INTO {place_of(write.table)} ({select(names)}) VALUES ({marks})"
        try:
            self._db.execute(sql, values)
        except apsw.ConstraintError as error:
            resource = resource_of("sqlite", write.change.place, write.change.key)
            raise ConflictError([Difference(resource, "constraint", "kept", str(error))]) from error

    def _exchange(self, updates: Sequence[_Write]) -> None:
        """Takes rows out and puts them in again: what is unique may go from one of them to another."""
        rows = []
        for write in updates:
            key = self._key(write)
            clause = where(tuple(write.change.key), key)
            sql = f"SELECT {select_raw(write.table.columns)} FROM {place_of(write.table)} WHERE {clause}"
            (found,) = ask(self._db, sql, key)
            row = dict(zip(write.table.columns, from_raw(found), strict=True))
            rows.append({**row, **self._row(write)})
        for write in updates:
            self._delete(write)
        for write, row in zip(updates, rows, strict=True):
            self._insert(write, row)

    def _row(self, write: _Write) -> dict[str, Value]:
        return {name: self._value(value) for name, value in (write.target or {}).items()}

    def _write_header(self, change: RowChange, to: Side) -> None:
        (name,) = change.key.values()
        row = change.sides(to)[1]
        current_header(self._db, change)
        self._db.pragma(name, int((row or {})["value"]))

    def _current(self, change: RowChange) -> Row | None:
        if len(change.place) == 1:
            return current_header(self._db, change)
        return current(self._db, self._table(change), change, digest_only, self._value)

    def _table(self, change: RowChange) -> Table:
        """The table of a change. Raises KeyError where it, or a column, is gone."""
        name = change.place[1]
        if (name, change.whole) not in self._tables:
            table = self._schema.tables[name]
            if change.whole:
                table = by_rowid(table) or table
            self._tables[name, change.whole] = table
        table = self._tables[name, change.whole]
        if change.whole and tuple(change.key) != table.key:
            raise KeyError(f"rowid of {name}")
        for column in (*(change.pre or ()), *(change.post or ()), *(() if change.whole else change.key)):
            if column not in table.columns:
                raise KeyError(column)
        return table

    def _key(self, write: _Write) -> list[Value]:
        return [self._value(value) for value in write.change.key.values()]

    def _value(self, value: Json) -> Value:
        return decode(value, self._read)
