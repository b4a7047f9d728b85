"""Single rows of a live database, read by their keys; values exactly as stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import apsw

from sandbox.effects.rows import Row, RowChange
from sandbox.effects.sqlite.opening import ask
from sandbox.effects.sqlite.schema import Table, quoted
from sandbox.effects.values import Keep, RawText, Value, encode

# What can be asked of a database's header, and written inside a transaction.
HEADER = ("user_version", "application_id")


def place_of(table: Table, schema: str = "main") -> str:
    """The table in SQL."""
    return f"{schema}.{quoted(table.name)}"


def bound(value: Value) -> str:
    """What stands for a value in a statement: SQLite takes a text that is no UTF-8 only as a cast blob."""
    return "CAST(? AS TEXT)" if isinstance(value, RawText) else "?"


def where(names: Sequence[str], values: Sequence[Value]) -> str:
    """A row by its key."""
    return " AND ".join(f"{quoted(name)} = {bound(value)}" for name, value in zip(names, values, strict=True))


def select(names: Iterable[str], prefix: str = "") -> str:
    """Columns in SQL."""
    return ", ".join(prefix + quoted(name) for name in names)


def select_raw(names: Iterable[str], prefix: str = "") -> str:
    """Columns in SQL, each with its type, so that a text that is no UTF-8 can be read, too."""
    parts = (prefix + quoted(name) for name in names)
    return ", ".join(f"CASE typeof({each}) WHEN 'text' THEN CAST({each} AS BLOB) ELSE {each} END, typeof({each})"
                     for each in parts)  # fmt: skip


def from_raw(pairs: Sequence[Value]) -> list[Value]:
    """The values of what `select_raw` asked for."""
    return [_text(value) if kind == "text" else value for value, kind in zip(pairs[::2], pairs[1::2], strict=True)]


def current(
    db: apsw.Connection, table: Table, change: RowChange, keep: Keep, value_of: Callable[[object], Value]
) -> Row | None:
    """The row that `change` is about, as it is now: of an update only the columns that it changed, with the key's.

    None where there is none, and where there is one whose key only compares as equal (another case, 1 and 1.0).
    """
    names = _needed(table, change)
    key = tuple(change.key)
    values = [value_of(value) for value in change.key.values()]
    clause = f"FROM {place_of(table)} WHERE {where(key, values)}"
    try:
        found = ask(db, f"SELECT {select(names)} {clause}", values)
        row: Sequence[Value] | None = found[0] if found else None
    except UnicodeDecodeError:
        raw = ask(db, f"SELECT {select_raw(names)} {clause}", values)
        row = from_raw(raw[0])
    if row is None:
        return None
    encoded = {name: encode(value, keep) for name, value in zip(names, row, strict=True)}
    if change.whole:
        return encoded
    if any(encoded[name] != value for name, value in change.key.items()):
        return None
    if change.op == "update":
        return {name: encoded[name] for name in names if name in (change.post or {})}
    return encoded


def current_header(db: apsw.Connection, change: RowChange) -> Row:
    """The same of a number in the database's header."""
    (name,) = change.key.values()
    if name not in HEADER:
        raise KeyError(name)
    return {"value": db.pragma(name)}


def _needed(table: Table, change: RowChange) -> list[str]:
    if change.whole or change.op != "update":
        return list(table.columns)
    return [name for name in table.columns if name in (change.post or {}) or name in change.key]


def _text(data: Value) -> Value:
    assert isinstance(data, bytes)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return RawText(data)
