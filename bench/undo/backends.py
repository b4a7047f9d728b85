"""What other backends cost, where they are there: calls over HTTP, and branches of a PostgreSQL database."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from bench.bars import Bar
from bench.model import Progress, Section
from bench.stats import median, percentile
from bench.undo.rounds import Sections, Taken, milliseconds, row

_CALLS = 100
_MOST_MS = 3


def http(taken: Taken, progress: Progress) -> Sections:
    """What the way out adds to a call."""
    section = Section("calls over HTTP through the proxy (ms, p50 of a round)", ("", "median", ""))
    if find_spec("bench.undo_http") is None:
        section.remarks.append("that backend is not there")
        yield section
        return
    measure = import_module("bench.undo_http").measure
    columns: dict[str, list[float]] = {}
    for number in range(taken.rounds):
        progress(f"round {number + 1} of {taken.rounds}: HTTP")
        for name, times in measure(_CALLS).items():
            columns.setdefault(name, []).append(percentile(times, 0.5))
    section.rows += [row(name, values) for name, values in columns.items()]
    for what, through, without in (
        ("a GET", "GET through it", "GET without it"),
        ("a GET over TLS", "GET through it, TLS", "GET without it, TLS"),
    ):
        added = [one - other for one, other in zip(columns[through], columns[without], strict=True)]
        section.bars.append(Bar.at_most(f"what the proxy adds to {what}, p50", median(added), _MOST_MS, " ms"))
    section.data.update(columns)
    yield section


def postgres(taken: Taken, progress: Progress) -> Sections:
    """A branch made from the session's template, and dropped."""
    section = Section("a branch of a PostgreSQL database (ms)", ("", "median", ""))
    if find_spec("sandbox.effects.postgres.branch") is None:
        section.remarks.append("that backend is not there")
        yield section
        return
    progress("PostgreSQL")
    try:
        with import_module("tests.databases.server").serving() as server:
            _postgres(server.conninfo("postgres"), taken, section)
    except FileNotFoundError as error:
        section.remarks.append(str(error))
    yield section


def _postgres(dsn: str, taken: Taken, section: Section) -> None:
    with import_module("psycopg").connect(dsn, autocommit=True) as db:
        db.execute("CREATE DATABASE bench")
        for name in ("bench", "postgres", "template1"):
            # As the backend asks for it: a branch's role reaches its own database only.
            db.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    branches = import_module("sandbox.effects.postgres.branch").Branches
    maker = branches(dsn.replace("dbname=postgres", "dbname=bench"), "bench", "bench")
    opened, dropped = [], []
    try:
        cold = milliseconds(lambda: maker.discard(maker.open()))
        for _ in range(taken.rounds):
            made = []
            opened.append(milliseconds(lambda: made.append(maker.open())))  # noqa: B023 - called at once
            dropped.append(milliseconds(lambda: maker.discard(made[0])))  # noqa: B023
    finally:
        maker.close()
    section.rows += [row("made", opened), row("dropped", dropped), row("the first one, with its template", [cold])]
    section.data.update(made=opened, dropped=dropped)
    section.remarks.append("a server of its own, without flushes; an empty database")
