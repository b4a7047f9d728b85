"""What statements did to a database whose transaction is still open, as SQLite's session extension recorded it.

The extension says nothing of what it cannot record: rows with NULL in their key, virtual tables, the schema. Each of
these is looked for here and told by name, and a transaction that wrote rows of which none was recorded is never one
that did nothing. Not told: a 0.0 that became -0.0, which to a session are one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from sandbox.effects.rows import Row, RowChange, row_effect, unknown_effect
from sandbox.effects.sqlite.diff import SEQUENCE, declared, sequences
from sandbox.effects.sqlite.opening import ask
from sandbox.effects.sqlite.reading import HEADER, from_raw, place_of, select_raw
from sandbox.effects.sqlite.schema import Schema, Table, quoted, schema_of
from sandbox.effects.sqlite.writing import Rows
from sandbox.effects.values import Keep, Value, encode
from sandbox.model.effects import Class, Effect

_MISSED = "rows were written, and none of them was recorded"
_NULLS = "rows with NULL in their primary key are not recorded"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The database when recording began."""

    schema: Schema
    sequences: dict[str, Value]
    header: dict[str, Value]
    written: int


def baseline(db: apsw.Connection) -> Baseline:
    """Looks at what a session does not record."""
    schema = schema_of(db)
    header = {name: db.pragma(name) for name in HEADER}
    return Baseline(schema, sequences(db, "main", schema), header, db.total_changes())


def session(db: apsw.Connection) -> apsw.Session:
    """Records all tables, those without a primary key by rowid, from now on."""
    found = apsw.Session(db, "main")
    found.config(apsw.SQLITE_SESSION_OBJCONFIG_ROWID, 1)
    found.attach()
    return found


def effects_of(db: apsw.Connection, name: str, changes: apsw.Session, since: Baseline, keep: Keep) -> list[Effect]:
    """The effects so far on the database `name`, whose transaction is open on `db`."""
    now = baseline(db)
    found = [*declared(name, since.schema, now.schema), *_header(name, since, now)]
    counted = {table for table in now.sequences if now.sequences[table] != since.sequences.get(table)}
    if now.written == since.written and not found:
        return []
    unsafe = next((f.what for f in now.schema.findings if not f.table and f.cls == Class.UNKNOWN), None)
    if unsafe is not None:
        return [unknown_effect("sqlite", (name,), "rows", unsafe)]
    try:
        rows = [*_rows(db, name, changes.changeset(), now.schema, keep)]
    except (apsw.Error, UnicodeDecodeError) as error:
        return [*found, unknown_effect("sqlite", (name,), "rows", f"not recorded: {error}")]
    for table in sorted({change.place[1] for change in rows if not change.key}):
        owner = now.schema.opaque.get(table)
        why = "rows cannot be told apart" if owner is None else f"rows of a virtual table changed: {owner}"
        found.append(unknown_effect("sqlite", (name, table), "rows" if owner is None else "virtual", why))
    found += [
        unknown_effect("sqlite", (name, table), "rows", "keys that only compare as equal were recorded as one")
        for table in sorted(_mistaken(db, now.schema, rows))
    ]
    for change in rows:
        table = change.place[1]
        if change.key and since.schema.declared(table) == now.schema.declared(table):
            cls, residue = (Class.RESIDUE, (SEQUENCE,)) if table in counted else (Class.REVERSIBLE, ())
            found.append(row_effect("sqlite", change, cls, residue))
    for table in now.schema.tables:
        before = since.schema.tables.get(table)
        if now.schema.tables[table].nulls or (before is not None and before.nulls):
            found.append(unknown_effect("sqlite", (name, table), "rows", _NULLS))
    if not found:
        found.append(unknown_effect("sqlite", (name,), "rows", _MISSED))
    return found


def _mistaken(db: apsw.Connection, schema: Schema, changes: Sequence[RowChange]) -> set[str]:
    """Tables of which a session, which finds rows by comparing, took one row for another: it is looked again."""
    vague = [change for change in changes if change.key and not schema.tables[change.place[1]].exact]
    if not vague:
        return set()
    places = Counter((change.place, json.dumps([*change.key.values()])) for change in vague)
    if max(places.values()) > 1:
        return {place[1] for (place, _), count in places.items() if count > 1}
    left, differences = Rows(db, _no_blobs).judge(vague, "post")
    return {change.place[1] for change in left} or ({change.place[1] for change in vague} if differences else set())


def _no_blobs(digest: str) -> bytes:
    raise KeyError(digest)


def _header(name: str, since: Baseline, now: Baseline) -> Iterator[Effect]:
    for setting in HEADER:
        if since.header[setting] != now.header[setting]:
            pre, post = {"value": since.header[setting]}, {"value": now.header[setting]}
            yield row_effect("sqlite", RowChange((name,), {"name": setting}, pre, post), Class.REVERSIBLE)


def _rows(db: apsw.Connection, name: str, changeset: bytes, schema: Schema, keep: Keep) -> Iterator[RowChange]:
    for change in apsw.Changeset.iter(changeset):
        table = schema.tables.get(change.name)
        if table is None or not table.key:
            # Of a virtual table's own, or of one that is gone: its name is all that counts.
            yield RowChange((name, change.name), {}, None, {})
            continue
        rowid = change.column_count == len(table.columns) + 1
        columns = [*table.key, *table.columns] if rowid else list(table.columns)
        keys = [columns[number] for number in sorted(change.pk_columns)] if not table.nulls else []
        old, new = _told(columns, change.old, keep), _told(columns, change.new, keep)
        row = new if old is None else old
        assert row is not None
        key = {column: row[column] for column in (table.key if rowid else keys)}
        for side in (old, new):
            for column in key if side is not None and (rowid or (old and new)) else ():
                side.pop(column, None)  # type: ignore[union-attr]
        if rowid and old is not None and new is not None:
            full = _read(db, table, key, keep)
            old, new = {**full, **old}, full
        yield RowChange((name, change.name), key, old, new, rowid)


def _told(columns: list[str], values: tuple[Any, ...] | None, keep: Keep) -> Row | None:
    """The columns that a change tells of."""
    if values is None:
        return None
    pairs = zip(columns, values, strict=True)
    return {column: encode(value, keep) for column, value in pairs if value is not apsw.no_change}


def _read(db: apsw.Connection, table: Table, key: Row, keep: Keep) -> Row:
    (name,) = key
    sql = f"SELECT {select_raw(table.columns)} FROM {place_of(table)} WHERE {quoted(name)} = ?"
    (found,) = ask(db, sql, [*key.values()])
    return {column: encode(value, keep) for column, value in zip(table.columns, from_raw(found), strict=True)}
