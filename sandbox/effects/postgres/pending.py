"""What a transaction that is still open did, told by comparing: nothing has to be installed in the database.

The transaction keeps one snapshot (REPEATABLE READ) and has exported it. A second connection reads the rows as they
were in that snapshot; the transaction itself reads its own. Which rows these are the versions of rows tell: one that
was written here has a number of this transaction's or a later one, one that was replaced or removed here has an xmax,
and is no longer seen at its place by the transaction. Which tables were written at all the server counts.

Told as unknown: changes of the schema, TRUNCATE and all else that locks a table for itself, rows that the transaction's
role may not read. https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from sandbox.effects.adapter import QuotaError
from sandbox.effects.postgres.catalog import SCHEMA, Table, settle, tables
from sandbox.effects.postgres.folding import Image, fold
from sandbox.effects.postgres.journal import numbers
from sandbox.effects.rows import RowChange, row_effect, unknown_effect
from sandbox.effects.values import Keep
from sandbox.model.effects import Class, Effect

_BATCH = 1000
_LOCK = "5s"
_WRITTEN = """
SELECT schemaname::text, relname::text FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
# Long values lie in tables of their own, statistics are nobody's data.
_CATALOGS = """
SELECT relname::text FROM pg_stat_xact_sys_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
AND schemaname = 'pg_catalog' AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data') ORDER BY 1
"""
_LOCKED = """
SELECT DISTINCT n.nspname::text, c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_database d ON d.oid = l.database
WHERE l.pid = pg_backend_pid() AND l.mode = 'AccessExclusiveLock' AND d.datname = current_database()
AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
_CHANGED = "the schema was changed: taken back exactly while it is held, and not at all once it is committed"
_ALONE = "changed as a whole (TRUNCATE, or its definition): taken back while it is held, and not once it is committed"


@dataclass(frozen=True, slots=True)
class Watched:
    """Whose effects are told. `conninfo`: of a superuser, to the same database; `name`: of the database, in effects."""

    conninfo: str
    name: str
    keep: Keep


def effects_of(
    db: psycopg.Connection[Any],
    snapshot: str,
    before: Mapping[tuple[str, str], int | None],
    watched: Watched,
    most: int | None,
) -> list[Effect]:
    """What the transaction that is open on `db` did. Settings of `db` are changed: the caller puts them back.

    `snapshot`: as it was exported. `before`: its sequences at the start. Raises QuotaError, psycopg.Error.
    """
    # Last, not first: statements may have made temporary tables that are named as catalogs are.
    settle(db, search_path="pg_catalog, pg_temp")
    name = watched.name
    ((counted,),) = db.execute("SHOW track_counts").fetchall()
    if counted != "on":
        return [unknown_effect("postgres", (name,), "rows", "the server does not count rows: track_counts is off")]
    found = [
        unknown_effect("postgres", (name, catalog), "ddl", _CHANGED)
        for (catalog,) in db.execute(_CATALOGS).fetchall()
    ]  # fmt: skip
    alone = {(schema, table) for schema, table in db.execute(_LOCKED).fetchall()}
    found += [unknown_effect("postgres", (name, *place), "table", _ALONE) for place in sorted(alone)]
    written = [place for place in map(tuple, db.execute(_WRITTEN).fetchall()) if place not in alone]
    known = {(table.schema, table.name): table for table in tables(db, [(s, t) for s, t in written])}
    found += [
        unknown_effect("postgres", (name, *place), "rows", "no table whose rows can be read")
        for place in written
        if place not in known and place[0] != SCHEMA
    ]
    left = most
    with psycopg.connect(watched.conninfo, autocommit=True) as world:
        settle(world, lock_timeout=_LOCK, statement_timeout="60s", row_security="off")
        world.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        world.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
        for schema, table in filter(known.__contains__, written):
            try:
                with db.transaction():
                    changes = [*_changes(db, world, known[schema, table], watched, left)]
            except psycopg.errors.InsufficientPrivilege:
                why = "the transaction's role may not read all of its rows"
                changes = [unknown_effect("postgres", (name, schema, table), "rows", why)]
            found += changes
            left = None if left is None else left - len(changes)
    return [*found, *numbers(db, name, before)]


def _changes(
    db: psycopg.Connection[Any], world: psycopg.Connection[Any], table: Table, watched: Watched, most: int | None
) -> Iterator[Effect]:
    place = (watched.name, table.schema, table.name)
    each = sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(column)) for column in table.columns)
    db.execute("SELECT set_config('row_security', 'off', true)")
    # The age of a number counts from the transaction's own: later ones, of its savepoints, are below 0.
    came = _images(db, _select("t.ctid::text", each, table, "age(t.xmin) <= 0"), most)
    new = [image for _, image in came]
    old: list[Image] = []
    gone = _images(world, _select("t.ctid::text", each, table, "t.xmax::text <> '0'"), None)
    for batch in itertools.batched(gone, _BATCH):
        at = sql.SQL("SELECT t.ctid::text FROM ONLY {} t WHERE t.ctid = ANY (%s::tid[])").format(table.sql)
        there = {ctid for (ctid,) in db.execute(at, ([ctid for ctid, _ in batch],)).fetchall()}
        old += [image for ctid, image in batch if ctid not in there]
        if most is not None and len(old) > most:
            raise QuotaError(f"more than {most:,} rows changed")
    same = Counter(map(_whole, old)) & Counter(map(_whole, new))
    entries = [*((image, None) for image in _without(old, same)), *((None, image) for image in _without(new, same))]
    for change in fold(place, table.columns, table.key, entries, watched.keep):
        if isinstance(change, RowChange):
            yield row_effect("postgres", change, Class.REVERSIBLE)
        else:
            yield unknown_effect("postgres", place, "rows", change)


def _select(place: str, each: sql.Composed, table: Table, which: str) -> sql.Composed:
    return sql.SQL("SELECT {}, ARRAY[{}]::text[] FROM ONLY {} t WHERE {}").format(
        sql.SQL(place), each, table.sql, sql.SQL(which)
    )


def _images(db: psycopg.Connection[Any], query: sql.Composed, most: int | None) -> Iterator[tuple[str, Image]]:
    with db.transaction(), db.cursor(name="pending") as cursor:
        for number, (ctid, image) in enumerate(cursor.execute(query)):
            if most is not None and number >= most:
                raise QuotaError(f"more than {most:,} rows changed")
            yield ctid, image


def _whole(image: Image) -> tuple[str | None, ...]:
    return tuple(image or ())


def _without(images: list[Image], same: Counter[tuple[str | None, ...]]) -> Iterator[Image]:
    left = same.copy()
    for image in images:
        if left[_whole(image)]:
            left[_whole(image)] -= 1
        else:
            yield image
