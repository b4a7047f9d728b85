"""A journal of rows inside a database: every change with the row before and after, written by triggers.

It lies in a schema of its own, written only by functions that run as its owner: who changes rows can neither read,
write nor stop it. Whoever owns a table may switch its triggers off, or change the table: event triggers note that, and
the action is then UNKNOWN. Large objects and sequences are compared at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.postgres.catalog import SCHEMA, SETTINGS, Table, settle, tables
from sandbox.effects.postgres.folding import Entry, fold
from sandbox.effects.rows import RowChange, row_effect, unknown_effect
from sandbox.effects.values import Keep
from sandbox.model.effects import Class, Effect

_QUOTED = {name: ", ".join(repr(part.strip()) for part in value.split(",")) for name, value in SETTINGS.items()}
_SET = " ".join(f"SET {name} = {value}" for name, value in _QUOTED.items())
_INSTALL = f"""
CREATE SCHEMA {SCHEMA};
REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC;
CREATE TABLE {SCHEMA}.tables (id int PRIMARY KEY, schema_name text, table_name text, columns text[], key text[]);
CREATE TABLE {SCHEMA}.rows (id bigserial PRIMARY KEY, who name DEFAULT session_user, tab int, op text,
  before text[], after text[]);
CREATE TABLE {SCHEMA}.ddl (id bigserial PRIMARY KEY, who name DEFAULT session_user, tag text, object text);
CREATE FUNCTION {SCHEMA}.altered() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER {_SET} AS $$ BEGIN
  INSERT INTO {SCHEMA}.ddl(tag, object) SELECT command_tag, object_identity FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM 'pg_temp';
END $$;
CREATE FUNCTION {SCHEMA}.dropped() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER {_SET} AS $$ BEGIN
  INSERT INTO {SCHEMA}.ddl(tag, object) SELECT tg_tag, object_identity FROM pg_event_trigger_dropped_objects()
    WHERE original AND NOT is_temporary;
END $$;
"""
_EVENTS = f"""
REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC;
CREATE EVENT TRIGGER {SCHEMA}_altered ON ddl_command_end EXECUTE FUNCTION {SCHEMA}.altered();
CREATE EVENT TRIGGER {SCHEMA}_dropped ON sql_drop EXECUTE FUNCTION {SCHEMA}.dropped();
ALTER EVENT TRIGGER {SCHEMA}_altered ENABLE ALWAYS;
ALTER EVENT TRIGGER {SCHEMA}_dropped ENABLE ALWAYS;
"""
_FUNCTION = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {settings} AS $body$ BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO {rows}(tab, op, before) SELECT {number}, 'delete', ARRAY[{each}]::text[] FROM ONLY {table} t;
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO {rows}(tab, op, after) VALUES ({number}, 'insert', ARRAY[{new}]::text[]);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO {rows}(tab, op, before) VALUES ({number}, 'delete', ARRAY[{old}]::text[]);
  ELSE
    INSERT INTO {rows}(tab, op, before, after) VALUES ({number}, 'update', ARRAY[{old}]::text[], ARRAY[{new}]::text[]);
  END IF;
  RETURN NULL;
END $body$;
CREATE TRIGGER {trigger} AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {truncate};
"""
_OBJECTS = """SELECT (SELECT count(*) FROM pg_largeobject_metadata)::text || ':' || coalesce((SELECT
md5(string_agg(loid::text || '/' || pageno || '/' || md5(data), ',' ORDER BY loid, pageno)) FROM pg_largeobject), '')"""
_SEQUENCES = f"SELECT schemaname::text, sequencename::text, last_value FROM pg_sequences WHERE schemaname <> '{SCHEMA}'"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the journal, and what it does not hold at that time."""

    row: int
    ddl: int
    sequences: dict[tuple[str, str], int | None]
    objects: str


def install(db: psycopg.Connection[Any]) -> None:
    """Begins the journal of all tables that there are. Needs a superuser. Raises UnsupportedError, psycopg.Error."""
    for (encoding,) in db.execute("SHOW server_encoding").fetchall():
        if encoding != "UTF8":
            raise UnsupportedError(f"the database holds text in {encoding}, not in UTF8")
    settle(db)
    with db.transaction():
        db.execute(_INSTALL)
        for number, table in enumerate(each for each in tables(db) if each.kind == "r"):
            _watch(db, number, table)
        db.execute(_EVENTS)


def mark(db: psycopg.Connection[Any]) -> Mark:
    """Where the journal is now."""
    settle(db)
    ((row, ddl),) = db.execute(
        f"SELECT (SELECT coalesce(max(id), 0) FROM {SCHEMA}.rows), (SELECT coalesce(max(id), 0) FROM {SCHEMA}.ddl)"
    ).fetchall()
    return Mark(row, ddl, sequences(db), _objects(db))


def collect(
    db: psycopg.Connection[Any], database: str, since: Mark, keep: Keep, rows: int, *, who: str | None = None
) -> list[Effect]:
    """What was done since a mark, by `who` or by anybody: each row once, from what it was to what it is now.

    `database`: its name in effects. `rows`: how many there may be; raises QuotaError. Raises psycopg.Error.
    """
    settle(db)
    found = [*_altered(db, database, since, who)]
    if _objects(db) != since.objects:
        found.append(unknown_effect("postgres", (database, "pg_largeobject"), "large", "large objects changed"))
    found += numbers(db, database, since.sequences)
    known = {
        number: ((database, schema, name), tuple(columns), tuple(key))
        for number, schema, name, columns, key in db.execute(f"SELECT * FROM {SCHEMA}.tables").fetchall()
    }
    entries: dict[int, list[Entry]] = {}
    count = 0
    query = f"SELECT tab, before, after FROM {SCHEMA}.rows WHERE id > %s AND (%s::name IS NULL OR who = %s) ORDER BY id"
    with db.transaction(), db.cursor(name="collect") as cursor:
        for number, before, after in cursor.execute(query, (since.row, who, who)):
            count += 1
            if count > rows:
                raise QuotaError(f"{database}: more than {rows:,} changes of rows")
            entries.setdefault(number, []).append((before, after))
    for number, changes in entries.items():
        place, columns, key = known[number]
        for change in fold(place, columns, key, changes, keep):
            if isinstance(change, RowChange):
                found.append(row_effect("postgres", change, Class.REVERSIBLE))
            else:
                found.append(unknown_effect("postgres", place, "rows", change))
    return found


def _watch(db: psycopg.Connection[Any], number: int, table: Table) -> None:
    db.execute(
        f"INSERT INTO {SCHEMA}.tables VALUES (%s, %s, %s, %s, %s)",
        (number, table.schema, table.name, list(table.columns), list(table.key)),
    )

    def texts(record: str) -> sql.Composed:
        each = [sql.SQL("{}.{}::text").format(sql.SQL(record), sql.Identifier(c)) for c in table.columns]
        return sql.SQL(", ").join(each)

    db.execute(
        sql.SQL(_FUNCTION).format(
            function=sql.Identifier(SCHEMA, f"of_{number}"),
            settings=sql.SQL(_SET),
            rows=sql.Identifier(SCHEMA, "rows"),
            number=sql.Literal(number),
            table=table.sql,
            each=texts("t"),
            old=texts("OLD"),
            new=texts("NEW"),
            trigger=sql.Identifier(f"zz_{SCHEMA}"),
            truncate=sql.Identifier(f"zz_{SCHEMA}_truncate"),
        )
    )


def _altered(db: psycopg.Connection[Any], database: str, since: Mark, who: str | None) -> Iterator[Effect]:
    query = f"SELECT tag, object FROM {SCHEMA}.ddl WHERE id > %s AND (%s::name IS NULL OR who = %s) ORDER BY id"
    for tag, what in db.execute(query, (since.ddl, who, who)).fetchall():
        yield unknown_effect("postgres", (database, what), "ddl", f"{tag} {what}")


def numbers(
    db: psycopg.Connection[Any], database: str, since: Mapping[tuple[str, str], int | None]
) -> Iterator[Effect]:
    """Sequences that went on: a commit brings the live one as far, so that no number is given twice; nothing back."""
    for (schema, name), last in sequences(db).items():
        before = since.get((schema, name))
        if last != before and last is not None:
            change = RowChange((database, schema, name), {}, {"last_value": before}, {"last_value": last})
            yield row_effect("postgres", change, Class.RESIDUE, (f"the sequence {schema}.{name} is not led back",))


def sequences(db: psycopg.Connection[Any]) -> dict[tuple[str, str], int | None]:
    """The last number of each sequence, by schema and name; None where there is none, or it may not be read."""
    return {(schema, name): last for schema, name, last in db.execute(_SEQUENCES).fetchall()}


def _objects(db: psycopg.Connection[Any]) -> str:
    ((found,),) = db.execute(_OBJECTS).fetchall()
    return str(found)
