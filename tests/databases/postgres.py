"""A live PostgreSQL database, actions on branches of it, and the world in between."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sandbox.effects.blobs import Blobs
from sandbox.effects.postgres.branch import Branch, Branches
from sandbox.effects.postgres.catalog import settle, tables
from sandbox.effects.postgres.live import PostgresLive
from sandbox.model.effects import Effect
from tests.databases.server import Server
from tests.databases.sqlite import Notes

_numbers = itertools.count()
Act = str | Callable[[psycopg.Connection[Any]], object]


class Store:
    """The database `name` with what `setup` made in it."""

    def __init__(self, server: Server, folder: Path, setup: str) -> None:
        self.server, number = server, next(_numbers)
        self.name, self.session = f"store_{number}", f"test{number}"
        with self.connect("postgres") as db:
            db.execute(f"CREATE DATABASE {self.name}")
            db.execute(f"REVOKE CONNECT ON DATABASE {self.name} FROM PUBLIC")
        self.write(setup)
        self.blobs = Blobs(folder / "blobs", 1 << 30)
        self.live = PostgresLive(server.conninfo(self.name), "shop", self.blobs, seconds=10)
        self.branches = Branches(server.conninfo(self.name), "shop", self.session)
        self.notes = Notes()

    def close(self) -> None:
        self.branches.close()
        self.blobs.close()
        with self.connect("postgres") as db:
            db.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def connect(self, name: str = "") -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.conninfo(name or self.name), autocommit=True)

    def write(self, act: Act, name: str = "") -> None:
        """Does something to the live database, or to another, as any program would."""
        with self.connect(name) as db:
            act(db) if callable(act) else db.execute(act)  # type: ignore[arg-type]

    def inside(self, branch: Branch) -> psycopg.Connection[Any]:
        """As the program in the jail does it: with what its environment holds."""
        there = branch.environment
        return psycopg.connect(
            host=there["PGHOST"], port=there["PGPORT"], dbname=there["PGDATABASE"], user=there["PGUSER"],
            password=there["PGPASSWORD"], autocommit=True,
        )  # fmt: skip

    def act(self, act: Act) -> list[Effect]:
        """An action in a branch; `after` is then what the branch held."""
        branch = self.branches.open()
        with self.inside(branch) as db:
            act(db) if callable(act) else db.execute(act)  # type: ignore[arg-type]
        effects = self.branches.collect(branch, self.blobs.put_bytes, 1_000_000)
        self.after = self.dump(branch.name)
        self.branches.discard(branch)
        return effects

    def lead(self, effects: Sequence[Effect], to: str) -> None:
        self.live.apply(effects, to, self.notes)  # type: ignore[arg-type]

    def dump(self, name: str = "") -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, as text; sequences are residue."""
        with self.connect(name) as db:
            settle(db)
            found = {}
            for table in tables(db):
                if table.kind == "r":
                    names = [
                        sql.SQL("t.{}::text").format(sql.Identifier(c)) for c in (*table.columns, *table.generated)
                    ]
                    query = sql.SQL("SELECT {} FROM ONLY {} t").format(sql.SQL(", ").join(names), table.sql)
                    found[f"{table.schema}.{table.name}"] = sorted(db.execute(query).fetchall(), key=repr)
            return found


@contextlib.contextmanager
def store(server: Server, folder: Path, setup: str) -> Iterator[Store]:
    found = Store(server, folder, setup)
    try:
        yield found
    finally:
        found.close()
