"""A workspace with a database of which actions hold transactions, and a look at it from outside."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import psycopg
import pytest

from sandbox.v1 import action_pb2, action_pb2_grpc, reward_pb2_grpc
from tests.databases.server import Server
from tests.undo.world import World

SETUP = """
CREATE TABLE orders (id integer PRIMARY KEY, total integer, note text);
CREATE TABLE log (what text);
INSERT INTO orders VALUES (1, 10, 'a'), (2, 20, 'b');
"""
ROWS = [(1, 10, "a"), (2, 20, "b")]
SQLITE = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("shop", ["postgres"], indirect=True)
POLICIES = {
    "shop": "[actions]\npostgres = ['shop']\n",
    "short": "[actions]\npostgres = ['shop']\nhold_s = 1\n",
    "free": "[actions]\npostgres = ['shop']\nirreversible = 9\n",
    "few": "[actions]\npostgres = ['shop']\nrows = 1\n",
    "none": "[actions]\npostgres = ['shop']\ndeny = ['*.db']\n",
    "quick": "[actions]\npostgres = ['shop']\n[limits]\nwall_time_ms = 300\n",
}


@dataclass
class Shop:
    """A workspace with a database, and a look at it from outside."""

    world: World
    database: str
    connect: Callable[[], contextlib.AbstractContextManager[sqlite3.Connection | psycopg.Connection]]

    def send(self, *statements: str, policy: str = "shop", **fields: object) -> action_pb2.ExecuteResponse:
        held = [action_pb2.Database(name=self.database, mode=action_pb2.Database.HELD)]
        request = action_pb2.ExecuteRequest(
            workspace=str(self.world.path), statements=statements, databases=held, policy=policy, **fields
        )
        return self.world.actions.Execute(request, timeout=60)

    def run(self, *statements: str, **fields: object) -> action_pb2.Action:
        answer = self.send(*statements, **fields)
        assert answer.action.exit_code == 0, answer.stderr
        return answer.action

    def rows(self, query: str = "SELECT * FROM orders ORDER BY id") -> list[tuple[object, ...]]:
        with self.connect() as db:
            return db.execute(query).fetchall()

    def write(self, statement: str) -> None:
        with self.connect() as db:
            db.execute(statement)
            db.commit()


def shop_of(kind: str, path: Path, channel: grpc.Channel, postgres: Server) -> Shop:
    path.mkdir()
    world = World(path, action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel))
    if kind == "sqlite":
        file = path / "shop.db"
        with contextlib.closing(sqlite3.connect(file)) as db:
            db.executescript(SETUP)
        return Shop(world, "shop.db", lambda: contextlib.closing(sqlite3.connect(file, timeout=10)))
    conninfo = postgres.conninfo("shop", "clerk", "clerk")
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute(f"DROP OWNED BY clerk; CREATE SCHEMA IF NOT EXISTS public; {SETUP}")
    return Shop(world, "shop", lambda: psycopg.connect(conninfo, options="-c lock_timeout=10s"))
