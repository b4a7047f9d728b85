"""A server that may hold transactions, of SQLite and of PostgreSQL."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import psycopg
import pytest

from sandbox.datafiles import folder
from sandbox.v1 import action_pb2
from tests.databases.server import Server
from tests.databases.server import serving as postgres_serving
from tests.serving import serving
from tests.undo.held.shop import POLICIES, Shop, shop_of


@pytest.fixture(scope="package")
def postgres() -> Iterator[Server]:
    with postgres_serving() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as db:
            db.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
            db.execute("CREATE DATABASE shop OWNER clerk")
        with psycopg.connect(server.conninfo("shop"), autocommit=True) as db:
            db.execute("ALTER SCHEMA public OWNER TO clerk")
        yield server


@pytest.fixture(scope="package")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(folder("policies"), found)
    for name, text in POLICIES.items():
        (found / f"{name}.toml").write_text(f'name = "{name}"\ndescription = "x"\nextends = "actions"\n{text}')
    return found


@pytest.fixture(scope="package")
def start(roots: Path, policies: Path, postgres: Server) -> Callable[[Path], contextlib.AbstractContextManager]:
    return lambda home: serving(
        str(home),
        roots=[str(roots)],
        policies=str(policies),
        databases=[("shop", postgres.conninfo("shop"))],
        statement_roles=[("shop", postgres.conninfo("shop", "clerk", "clerk"))],
    )


@pytest.fixture(scope="package")
def channel(tmp_path_factory: pytest.TempPathFactory, start) -> Iterator[grpc.Channel]:
    with start(tmp_path_factory.mktemp("home")) as running, grpc.insecure_channel(running.address) as channel:
        yield channel


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request, channel: grpc.Channel, roots: Path, tmp_path: Path, postgres: Server) -> Iterator[Shop]:
    found = shop_of(request.param, roots / tmp_path.name, channel, postgres)
    yield found
    for action in found.world.actions.List(action_pb2.ListActionsRequest(workspace=str(found.world.path))).actions:
        if action.status == action_pb2.Action.HELD:
            found.world.undo(action)
