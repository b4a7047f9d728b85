"""Many rows of one table, of which the same columns changed: judged with one join, written with one statement.

Only the plain case is dealt with here: all of the rows at one side, and values that SQL can compare exactly. Everything
else goes row by row (`writing.py`), which finds out which rows are in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

import apsw

from sandbox.effects.rows import Row, RowChange
from sandbox.effects.sqlite.opening import ask
from sandbox.effects.sqlite.reading import place_of, select
from sandbox.effects.sqlite.schema import Table, quoted
from sandbox.effects.values import RawText, Value
from sandbox.model.effects import Json, Side

WORTH_IT = 64
_numbers = count()


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one table and one kind, to the same columns."""

    table: Table
    changes: list[RowChange]

    @property
    def columns(self) -> tuple[str, ...]:
        """What is compared and written."""
        first = self.changes[0]
        return tuple((first.post if first.pre is None else first.pre) or ())

    @property
    def complete(self) -> bool:
        """Whether that has to be all of a row."""
        return self.changes[0].whole or self.changes[0].op != "update"


def groups_of(changes: Iterable[RowChange]) -> list[list[RowChange]]:
    """Those that look alike, in the order in which they came."""
    found: dict[tuple[object, ...], list[RowChange]] = {}
    for change in changes:
        columns = tuple((change.post if change.pre is None else change.pre) or ())
        shape = (change.place, change.whole, change.pre is None, change.post is None, tuple(change.key), columns)
        found.setdefault(shape, []).append(change)
    return list(found.values())


class Bulk:
    """One group in one transaction."""

    def __init__(self, db: apsw.Connection, group: Group, value_of: Callable[[Json], Value]) -> None:
        self._db, self.group, self._value = db, group, value_of
        self.columns = group.columns
        self._table = f"temp.bulk_{next(_numbers)}"
        self._keys = tuple(group.changes[0].key)
        self._count = len(group.changes)
        self._rows: list[tuple[Value, ...]] = []

    def load(self) -> bool:
        """Puts what is expected beside the table; False where SQL could not compare it exactly."""
        columns, value = self.columns, self._value
        if self.group.complete and set(columns) != set(self.group.table.columns):
            return False
        for change in self.group.changes:
            pre, post = change.pre, change.post
            row = [value(change.key[name]) for name in self._keys]
            if None in row or (pre is not None and len(pre) != len(columns)):
                return False
            row += [value(pre[name]) for name in columns] if pre is not None else ()
            row += [value(post[name]) for name in columns] if post is not None else ()
            if any(isinstance(each, RawText) or (isinstance(each, float) and each == 0) for each in row):
                return False
            self._rows.append(tuple(row))
        width = len(self._rows[0])
        self._db.execute(f"CREATE TABLE {self._table} ({', '.join(f'v{number}' for number in range(width))})")
        self._db.executemany(f"INSERT INTO {self._table} VALUES ({', '.join('?' * width)})", self._rows)
        return True

    def kind(self, to: Side) -> str:
        """insert, update or delete."""
        if self._row(to) is None:
            return "delete"
        return "insert" if self._row("pre" if to == "post" else "post") is None else "update"

    def all_at(self, side: Side) -> bool:
        """Whether every row is at that side."""
        row = self._row(side)
        key = [self._same(name, number) for number, name in enumerate(self._keys)]
        if row is None:
            there = f"EXISTS (SELECT 1 FROM {place_of(self.group.table)} m WHERE {' AND '.join(key)})"
            return self._ask(f"SELECT count(*) FROM {self._table} x WHERE NOT {there}")
        offset = self._offset(side)
        exact = [] if self.group.changes[0].whole else [self._exactly(n, i) for i, n in enumerate(self._keys)]
        same = [*key, *exact, *(self._exactly(name, offset + i) for i, name in enumerate(self.columns))]
        join = f"{self._table} x CROSS JOIN {place_of(self.group.table)} m"
        return self._ask(f"SELECT count(*) FROM {join} WHERE {' AND '.join(same)}")

    def write(self, to: Side) -> None:
        """Writes that side, of rows that are all at the other. Raises apsw.ConstraintError."""
        table, columns = place_of(self.group.table), self.columns
        source, target = self._row("pre" if to == "post" else "post"), self._row(to)
        width, at = len(self._keys), self._offset(to)
        keys = " AND ".join(f"{quoted(name)} = ?" for name in self._keys)
        end = at + len(columns)
        if target is None:
            self._db.executemany(f"DELETE FROM {table} WHERE {keys}", [row[:width] for row in self._rows])
        elif source is None:
            names = [*self._keys, *columns] if self.group.changes[0].whole else list(columns)
            rows = [row[:width] + row[at:end] if len(names) > len(columns) else row[at:end] for row in self._rows]
            marks = ", ".join("?" * len(names))
            self._db.executemany(f"INSERT OR ABORT INTO {table} ({select(names)}) VALUES ({marks})", rows)
        else:
            sets = ", ".join(f"{quoted(name)} = ?" for name in columns)
            rows = [row[at:end] + row[:width] for row in self._rows]
            self._db.executemany(f"UPDATE OR ABORT {table} SET {sets} WHERE {keys}", rows)

    def _row(self, side: Side) -> Row | None:
        first = self.group.changes[0]
        return first.pre if side == "pre" else first.post

    def _offset(self, side: Side) -> int:
        if side == "pre" or self._row("pre") is None:
            return len(self._keys)
        return len(self._keys) + len(self.columns)

    def _same(self, name: str, number: int) -> str:
        return f"m.{quoted(name)} = x.v{number}"

    @staticmethod
    def _exactly(name: str, number: int) -> str:
        column = f"m.{quoted(name)}"
        return f"+{column} IS x.v{number} COLLATE BINARY AND typeof({column}) = typeof(x.v{number})"

    def _ask(self, sql: str) -> bool:
        ((found,),) = ask(self._db, sql)
        return bool(found == self._count)
