"""What a PostgreSQL database holds, and by name what of it can be recorded and led back, and what cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from sandbox.model.effects import Class

# Rows are read and written as text. With these, and no others, text is exact, and the same on every connection.
SETTINGS = {
    "search_path": "pg_catalog",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmloption": "content",
}
SCHEMA = "sandbox_journal"
# Extensions whose functions reach out of the database, with the server's rights or from the server's machine.
_REACH_OUT = ("dblink", "postgres_fdw", "file_fdw", "adminpack", "plpython3u", "plperlu", "pltclu", "pg_cron", "http")
_OURS = f"NOT IN ('pg_catalog', 'information_schema', '{SCHEMA}') AND n.nspname NOT LIKE 'pg\\_%%'"

_TABLES = f"""
WITH named AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN unnest(%(schemas)s::text[], %(names)s::text[]) AS x(s, t) ON n.nspname = x.s AND c.relname = x.t),
  wanted AS (SELECT oid FROM named UNION SELECT p.relid FROM named, pg_partition_ancestors(named.oid) p)
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relrowsecurity,
  ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
  ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
  ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(number, place), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place),
  ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> ''),
  ARRAY(SELECT p.relid::oid FROM pg_partition_ancestors(c.oid) p),
  EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgname <> 'zz_{SCHEMA}'
          AND t.tgname <> 'zz_{SCHEMA}_truncate')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't' AND n.nspname {_OURS}
  AND (%(all)s OR c.oid IN (SELECT oid FROM wanted) OR EXISTS (SELECT 1 FROM pg_constraint k WHERE k.contype = 'f'
    AND (k.conrelid = c.oid AND k.confrelid IN (SELECT oid FROM wanted)
      OR k.confrelid = c.oid AND k.conrelid IN (SELECT oid FROM wanted)))) ORDER BY 2, 3
"""
_KEYS = """
SELECT conrelid::oid, confrelid::oid, conname::text,
  ARRAY(SELECT a.attname::text FROM unnest(conkey) WITH ORDINALITY AS k(number, place), pg_attribute a
        WHERE a.attrelid = conrelid AND a.attnum = k.number ORDER BY k.place),
  ARRAY(SELECT a.attname::text FROM unnest(confkey) WITH ORDINALITY AS k(number, place), pg_attribute a
        WHERE a.attrelid = confrelid AND a.attnum = k.number ORDER BY k.place)
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
"""
_DEFINERS = f"""
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_roles r ON r.oid = p.proowner WHERE p.prosecdef AND r.rolsuper AND n.nspname {_OURS} ORDER BY 1
""".replace("%%", "%")


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `types`: of its stored `columns`. `key`: its primary key's columns; () where rows are told by all.

    `kind`: as in pg_class. `above`: the oids of the tables that it is a partition of, its own among them.
    """

    oid: int
    schema: str
    name: str
    kind: str
    secured: bool
    columns: tuple[str, ...]
    types: dict[str, str]
    key: tuple[str, ...]
    generated: tuple[str, ...]
    above: frozenset[int]
    triggers: bool

    @property
    def sql(self) -> sql.Identifier:
        """In statements."""
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the table `child` refer to `to` of `parent`; both by oid."""

    child: int
    parent: int
    name: str
    columns: tuple[str, ...]
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What cannot be done with something, and the best class that an effect on it has. `leaves`: even a branch."""

    what: str
    why: str
    cls: Class
    leaves: bool = False


def settle(db: psycopg.Connection[Any], **more: str) -> None:
    """Makes text exact on a connection. `more`: other settings, in the same round trip."""
    settings = {**SETTINGS, **more}
    each = sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, false)").format(sql.Literal(name), sql.Literal(value))
        for name, value in settings.items()
    )
    db.execute(sql.SQL("SELECT {}").format(each))


def tables(db: psycopg.Connection[Any], names: Sequence[tuple[str, str]] | None = None) -> list[Table]:
    """All tables of users', partitioned and foreign ones and materialized views among them.

    With `names` (schema, table) only those, and whatever refers to them or is referred to.
    """
    wanted = [*names] if names is not None else []
    schemas, own = [schema for schema, _ in wanted], [name for _, name in wanted]
    parameters = {"all": names is None, "schemas": schemas, "names": own}
    return [
        Table(oid, schema, name, kind, secured, tuple(columns), dict(zip(columns, types, strict=True)), tuple(key),
              tuple(generated), frozenset([oid, *map(int, above)]), triggers)
        for oid, schema, name, kind, secured, columns, types, key, generated, above, triggers
        in db.execute(_TABLES, parameters)
    ]  # fmt: skip


def foreign_keys(db: psycopg.Connection[Any]) -> list[ForeignKey]:
    """All of the database's."""
    return [ForeignKey(child, parent, name, tuple(a), tuple(b)) for child, parent, name, a, b in db.execute(_KEYS)]


def probe(db: psycopg.Connection[Any]) -> list[Finding]:
    """What rows cannot cover, and what can leave a branch."""
    found = []
    for table in tables(db):
        name = f"{table.schema}.{table.name}"
        if table.kind == "f":
            found.append(Finding(name, "a foreign table: its rows are elsewhere", Class.UNKNOWN, True))
        elif table.kind == "m":
            found.append(Finding(name, "a materialized view: not recorded", Class.UNKNOWN))
        elif table.kind == "r" and not table.key:
            why = "no primary key: rows are told by all of their columns, and equal ones are refused"
            found.append(Finding(name, why, Class.REVERSIBLE))
        if table.generated:
            why = f"generated columns ({', '.join(table.generated)}): not recorded, computed again"
            found.append(Finding(name, why, Class.REVERSIBLE))
        if table.triggers:
            why = "triggers: off while rows are led back; what they wrote is led back as rows"
            found.append(Finding(name, why, Class.REVERSIBLE))
        if table.secured:
            found.append(Finding(name, "row security: rows are led back whoever may see them", Class.REVERSIBLE))
    for (name,) in db.execute("SELECT schemaname || '.' || sequencename FROM pg_sequences"):
        found.append(Finding(name, "a sequence: never led back", Class.RESIDUE))
    for (name,) in db.execute("SELECT extname FROM pg_extension WHERE extname = ANY(%s)", (list(_REACH_OUT),)):
        found.append(Finding(name, "an extension that reaches out of the database", Class.UNKNOWN, True))
    for (name,) in db.execute(_DEFINERS):
        found.append(Finding(name, "a function that runs with a superuser's rights", Class.UNKNOWN, True))
    for (count,) in db.execute("SELECT count(*) FROM pg_largeobject_metadata"):
        if count:
            found.append(Finding("large objects", "not recorded: a change is found, and refused", Class.UNKNOWN))
    for (encoding,) in db.execute("SHOW server_encoding"):
        if encoding != "UTF8":
            found.append(Finding("encoding", f"text in {encoding}", Class.UNKNOWN))
    found.append(Finding("NOTIFY", "not recorded; of a branch nobody hears it", Class.BUFFERED))
    return found
