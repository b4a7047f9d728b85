"""How two databases differ, row by row.

SQLite's own `sqlite3session_diff` finds nothing where only the case of a NOCASE text changed, or 1 became 1.0: it
compares as the schema says. Here bytes and types are compared, and what cannot be told by rows is told by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import apsw

from sandbox.effects.adapter import QuotaError
from sandbox.effects.rows import Row, RowChange, row_effect, unknown_effect
from sandbox.effects.sqlite.opening import ask, stream
from sandbox.effects.sqlite.reading import HEADER, from_raw, place_of, select, select_raw
from sandbox.effects.sqlite.schema import Schema, Table, by_rowid, quoted, schema_of
from sandbox.effects.values import Value, encode
from sandbox.model.effects import Class, Effect

SEQUENCE = "the next number of AUTOINCREMENT (sqlite_sequence)"
# Of the header: what is no row, and what no statement brings back inside a transaction.
_SETTINGS = ("page_size", "auto_vacuum", "encoding", "journal_mode")


def differences(db: apsw.Connection, name: str, rows: int, *, changed: bool) -> list[Effect]:
    """What leads from the database `pre` to the database `post`, both attached to `db`.

    `name`: the database's in effects. `rows`: how many effects there may be; raises QuotaError beyond. `changed`: the
    files differ: then it is never said that nothing happened. Raises apsw.Error where a file is spoilt.
    """
    pre, post = schema_of(db, "pre"), schema_of(db, "post")
    found = [*declared(name, pre, post), *_header(db, name), *_opaque(db, name, pre, post)]
    unsafe = next((f.what for f in (*pre.findings, *post.findings) if not f.table and f.cls == Class.UNKNOWN), None)
    if unsafe is not None:
        return [unknown_effect("sqlite", (name,), "rows", unsafe)]
    counted = _sequences(db, pre, post)
    for table in sorted(pre.tables.keys() & post.tables.keys()):
        before = pre.tables[table]
        if pre.declared(table) != post.declared(table):
            continue
        if before.whole or post.tables[table].whole:
            keyed = by_rowid(before)
            if keyed is None:
                found.append(unknown_effect("sqlite", (name, table), "rows", "rows cannot be told apart"))
                continue
            before = keyed
        cls, residue = (Class.RESIDUE, (SEQUENCE,)) if table in counted else (Class.REVERSIBLE, ())
        changes = _changes(db, name, before, rows + 1)
        found += [row_effect("sqlite", change, cls, residue) for change in changes]
        if len(found) > rows:
            raise QuotaError(f"{name}: more than {rows:,} rows changed")
        if table in counted and not changes:
            found.append(unknown_effect("sqlite", (name, "sqlite_sequence", table), "sequence", SEQUENCE))
    if changed and not found:
        found.append(unknown_effect("sqlite", (name,), "file", "the file changed, and no row did"))
    return found


def _changes(db: apsw.Connection, name: str, table: Table, most: int) -> list[RowChange]:
    try:
        return [*islice(_found(db, name, table, raw=False), most)]
    except UnicodeDecodeError:
        return [*islice(_found(db, name, table, raw=True), most)]


def _found(db: apsw.Connection, name: str, table: Table, *, raw: bool) -> Iterator[RowChange]:
    asked = table.columns if not table.whole else (*table.columns, *table.key)
    columns = select_raw if raw else select
    width = len(asked) * (2 if raw else 1)
    same = " AND ".join(f"a.{quoted(column)} = b.{quoted(column)}" for column in table.key)
    before, after = f"{place_of(table, 'pre')} a", f"{place_of(table, 'post')} b"

    def rows(found: Sequence[Value]) -> Row:
        values = from_raw(found) if raw else found
        return {column: encode(value) for column, value in zip(asked, values, strict=True)}

    def change(pre: Row | None, post: Row | None) -> RowChange:
        row = post if pre is None else pre
        assert row is not None
        key = {column: row[column] for column in table.key}
        if table.whole:
            pre, post = ({c: r[c] for c in table.columns} if r is not None else None for r in (pre, post))
        elif pre is not None and post is not None:
            parts = [column for column in table.columns if pre[column] != post[column]]
            pre, post = {c: pre[c] for c in parts}, {c: post[c] for c in parts}
        return RowChange((name, table.name), key, pre, post, table.whole)

    gone = f"SELECT {columns(asked, 'a.')} FROM {before} WHERE NOT EXISTS (SELECT 1 FROM {after} WHERE {same})"
    for found in stream(db, gone):
        yield change(rows(found), None)
    differ = " OR ".join(_differs(table, column) for column in table.columns)
    both = f"SELECT {columns(asked, 'a.')}, {columns(asked, 'b.')} FROM {before}, {after} WHERE {same} AND ({differ})"
    for found in stream(db, both):
        pre, post = rows(found[:width]), rows(found[width:])
        if pre == post:
            continue
        if any(pre[column] != post[column] for column in table.key):
            # A key that only compares as equal to what it was: another row.
            yield change(pre, None)
            yield change(None, post)
        else:
            yield change(pre, post)
    new = f"SELECT {columns(asked, 'b.')} FROM {after} WHERE NOT EXISTS (SELECT 1 FROM {before} WHERE {same})"
    for found in stream(db, new):
        yield change(None, rows(found))


def _differs(table: Table, column: str) -> str:
    a, b = f"a.{quoted(column)}", f"b.{quoted(column)}"
    found = f"{a} IS NOT {b} COLLATE BINARY OR typeof({a}) <> typeof({b})"
    # No function of SQLite's tells 0.0 from -0.0: such rows are compared when they are here.
    return f"{found} OR (typeof({a}) = 'real' AND {a} = 0)" if column in table.zeros else found


def declared(name: str, pre: Schema, post: Schema) -> Iterator[Effect]:
    """What of the schema was made, changed or dropped: by name, and never led back row by row."""
    changed = pre.objects ^ post.objects
    for kind, what in sorted({(kind, what) for kind, what, _ in changed}):
        if not what.startswith("sqlite_"):
            yield unknown_effect("sqlite", (name, what), "ddl", f"the {kind} {what} was made, changed or dropped")


def _header(db: apsw.Connection, name: str) -> Iterator[Effect]:
    def value(setting: str, schema: str) -> Value:
        found = ask(db, f"PRAGMA {schema}.{setting}")
        return found[0][0] if found else None

    for setting in HEADER:
        before, after = value(setting, "pre"), value(setting, "post")
        if before != after:
            change = RowChange((name,), {"name": setting}, {"value": before}, {"value": after})
            yield row_effect("sqlite", change, Class.REVERSIBLE)
    for setting in _SETTINGS:
        if value(setting, "pre") != value(setting, "post"):
            yield unknown_effect("sqlite", (name, setting), "setting", f"{setting} changed")


def _opaque(db: apsw.Connection, name: str, pre: Schema, post: Schema) -> Iterator[Effect]:
    """Virtual tables whose backing tables changed; what they hold means something to their module only."""
    changed = set()
    for table in sorted(pre.opaque.keys() & post.opaque.keys()):
        owner = pre.opaque[table]
        if table != owner and owner not in changed and _content_differs(db, table):
            changed.add(owner)
            yield unknown_effect("sqlite", (name, owner), "virtual", "rows of a virtual table changed")


def _content_differs(db: apsw.Connection, table: str) -> bool:
    def rows(schema: str) -> Iterator[Sequence[Value]]:
        columns = [row[1] for row in ask(db, f"PRAGMA {schema}.table_xinfo({quoted(table)})")]
        return stream(db, f"SELECT {select_raw(columns)} FROM {schema}.{quoted(table)}")

    before, after = rows("pre"), rows("post")
    for row in before:
        if next(after, None) != row:
            return True
    return next(after, None) is not None


def sequences(db: apsw.Connection, schema: str, known: Schema) -> dict[str, Value]:
    """The last number of each table with AUTOINCREMENT."""
    if not any(what == "sqlite_sequence" for _, what, _ in known.objects):
        return {}
    return dict(ask(db, f"SELECT name, seq FROM {schema}.sqlite_sequence"))


def _sequences(db: apsw.Connection, pre: Schema, post: Schema) -> set[str]:
    """The tables whose next number changed."""
    before, after = sequences(db, "pre", pre), sequences(db, "post", post)
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}
