"""What a database's schema lets us record and restore, and what it does not: by name, before anything is promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import apsw

from sandbox.effects.sqlite.opening import ask, connect
from sandbox.model.effects import Class

# "rows": effects row by row, however they were found. "recorded": those that a session recorded in a transaction. The
# file of a branch as a whole, and a transaction that is rolled back, are exact whatever the schema.
Mode = Literal["rows", "recorded"]
_ALIASES = ("_rowid_", "rowid", "oid")
# Declared types with these in them store whole reals as integers, and so cannot hold -0.0.
_NUMERIC = ("INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL", "DATE")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of a table refer to `to` of `parent`."""

    columns: tuple[str, ...]
    parent: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of its own. `columns`: those that are stored. `key`: the primary key's, in its order.

    `whole`: there is no key that tells every row (none at all, or one with NULLs): rows are told by rowid, `key` is the
    name under which that can be asked for, and all of their columns count. `zeros`: columns that can hold -0.0.
    `nulls`: there is a primary key, and a row with NULL in it. `exact`: two keys that compare as equal are the same.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    whole: bool
    generated: tuple[str, ...]
    autoincrement: bool
    zeros: frozenset[str]
    foreign: tuple[ForeignKey, ...]
    nulls: bool = False
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mode cannot do with a table, and the best class that an effect on it then has."""

    table: str
    what: str
    mode: Mode
    cls: Class


@dataclass(frozen=True, slots=True)
class Schema:
    """Every table that rows can be told of, and what was found. `objects`: (type, name, SQL) of all that is declared.

    `opaque`: tables, virtual ones and those behind them, that are not recorded row by row.
    """

    tables: dict[str, Table]
    findings: tuple[Finding, ...]
    objects: frozenset[tuple[str, str, str]]
    opaque: dict[str, str]

    def declared(self, table: str) -> str | None:
        """The SQL that made a table."""
        return next((sql for kind, name, sql in self.objects if kind == "table" and name == table), None)


def probe(path: Path, seconds: float = 10) -> Schema:
    """Looks at a database's schema. Raises UnsupportedError, apsw.Error (it is no database, or spoilt)."""
    db = connect(path, seconds)
    try:
        return schema_of(db)
    finally:
        db.close()


def schema_of(db: apsw.Connection, schema: str = "main") -> Schema:
    """The same, of a database that is open under the name `schema`."""
    objects = frozenset(
        (kind, name, sql or "")
        for kind, name, sql in ask(db, f"SELECT type, name, sql FROM {schema}.sqlite_schema")
        if not name.startswith("sqlite_stat")
    )
    kinds = {name: (kind, bool(bare)) for _, name, kind, _, bare, _ in _list(db, schema)}
    virtual = {name for name, (kind, _) in kinds.items() if kind == "virtual"}
    opaque = {name: _owner(name, virtual) for name, (kind, _) in kinds.items() if kind in ("virtual", "shadow")}
    # Of a module that is not loaded here it cannot be known which tables are its own: its name's are.
    opaque |= {name: owner for name in kinds if (owner := _owner(name, virtual)) and name not in opaque}
    tables = {
        name: _table(db, schema, name, bare)
        for name, (kind, bare) in kinds.items()
        if kind == "table" and name not in opaque and not name.startswith("sqlite_")
    }
    findings = [finding for table in tables.values() for finding in _findings(table)]
    findings += [Finding(name, "a virtual table", "rows", Class.UNKNOWN) for name in sorted(virtual)]
    for kind, name, sql in sorted(objects):
        if kind == "trigger":
            what = "a trigger: off while rows are led back; what it wrote is led back as rows"
            findings.append(Finding(name, what, "rows", Class.REVERSIBLE))
        if kind == "view" and "CREATE" in sql.upper():
            findings.append(Finding(name, "a view: has no rows of its own", "rows", Class.REVERSIBLE))
    findings += [
        Finding("", f"text in {encoding}", "rows", Class.UNKNOWN)
        for (encoding,) in ask(db, f"PRAGMA {schema}.encoding")
        if encoding != "UTF-8"
    ]
    return Schema(tables, tuple(findings), objects, opaque)


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def has_null_key(db: apsw.Connection, schema: str, table: Table, key: tuple[str, ...]) -> bool:
    """Whether a row of it has NULL in its primary key, which SQLite allows."""
    where = " OR ".join(f"{quoted(name)} IS NULL" for name in key)
    return bool(ask(db, f"SELECT 1 FROM {schema}.{quoted(table.name)} WHERE {where} LIMIT 1"))


def by_rowid(table: Table) -> Table | None:
    """The same table, its rows told by rowid; None where every name of the rowid is taken by a column."""
    taken = {name.lower() for name in (*table.columns, *table.generated)}
    alias = next((name for name in _ALIASES if name not in taken), None)
    if alias is None:
        return None
    return replace(table, key=(alias,), whole=True)


def _list(db: apsw.Connection, schema: str) -> list[tuple[Any, ...]]:
    return [row for row in ask(db, f"PRAGMA {schema}.table_list") if row[0] == schema]


def _owner(name: str, virtual: set[str]) -> str:
    return name if name in virtual else next((owner for owner in virtual if name.startswith(f"{owner}_")), "")


def _table(db: apsw.Connection, schema: str, name: str, bare: bool) -> Table:
    columns = ask(db, f"PRAGMA {schema}.table_xinfo({quoted(name)})")
    stored = tuple(column[1] for column in columns if column[6] == 0)
    key = tuple(column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5])
    zeros = frozenset(c[1] for c in columns if not any(part in c[2].upper() for part in _NUMERIC))
    auto = len(key) == 1 and db.column_metadata(schema, name, key[0])[4]
    table = Table(
        name,
        stored,
        key,
        False,
        tuple(column[1] for column in columns if column[6] in (2, 3)),
        auto,
        zeros,
        _foreign(db, schema, name),
    )
    table = replace(table, exact=all(_is_exact(db, schema, name, column) for column in key))
    nulls = bool(key) and not bare and has_null_key(db, schema, table, key)
    if not key or nulls:
        return replace(by_rowid(table) or replace(table, key=(), whole=True), nulls=nulls)
    return table


def _is_exact(db: apsw.Connection, schema: str, table: str, column: str) -> bool:
    kind, collation, *_ = db.column_metadata(schema, table, column)
    typed = bool(kind) and not any(part in kind.upper() for part in ("BLOB", "ANY"))
    return typed and collation == "BINARY"


def _foreign(db: apsw.Connection, schema: str, name: str) -> tuple[ForeignKey, ...]:
    groups: dict[int, list[tuple[str, str | None, str]]] = {}
    for number, _, parent, column, to, *_ in ask(db, f"PRAGMA {schema}.foreign_key_list({quoted(name)})"):
        groups.setdefault(number, []).append((column, to, parent))
    found = []
    for group in groups.values():
        parent = group[0][2]
        to = tuple(to for _, to, _ in group if to is not None)
        if len(to) != len(group):
            rows = ask(db, f"PRAGMA {schema}.table_info({quoted(parent)})")
            to = tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])
        if len(to) == len(group):
            found.append(ForeignKey(tuple(column for column, _, _ in group), parent, to))
    return tuple(found)


def _findings(table: Table) -> list[Finding]:
    found = []
    if table.whole:
        cls = Class.REVERSIBLE if table.key else Class.UNKNOWN
        what = "no primary key, or NULL in it: told by rowid, and any later write to a row is a conflict"
        found.append(Finding(table.name, what if table.key else "rows cannot be told apart", "rows", cls))
    if table.nulls:
        found.append(
            Finding(table.name, "NULL in its primary key: such rows are not recorded", "recorded", Class.UNKNOWN)
        )
    if table.key and not table.exact:
        what = "keys that differ and compare as equal: refused where they were mistaken"
        found.append(Finding(table.name, what, "recorded", Class.REVERSIBLE))
    if table.generated:
        what = f"generated columns ({', '.join(table.generated)}): not recorded, computed again"
        found.append(Finding(table.name, what, "rows", Class.REVERSIBLE))
    if table.autoincrement:
        found.append(Finding(table.name, "AUTOINCREMENT: sqlite_sequence is not led back", "rows", Class.RESIDUE))
    if table.foreign:
        what = "foreign keys: what their actions wrote is led back as rows; the actions do not run again"
        found.append(Finding(table.name, what, "rows", Class.REVERSIBLE))
    return found
