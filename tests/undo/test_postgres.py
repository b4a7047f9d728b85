"""Actions on a PostgreSQL database: a clone for each, its rows led to the live one and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import psycopg
import pytest

from sandbox.datafiles import folder
from sandbox.v1 import action_pb2, action_pb2_grpc, reward_pb2_grpc
from tests.databases.server import Server
from tests.databases.server import serving as postgres_serving
from tests.serving import serving
from tests.undo.world import World

pytestmark = pytest.mark.jail
SHOP = [action_pb2.Database(name="shop", mode=action_pb2.Database.JOURNAL)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with postgres_serving() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as db:
            for name in ("postgres", "template1", "template0"):
                db.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
            db.execute("CREATE DATABASE shop")
            db.execute("REVOKE CONNECT ON DATABASE shop FROM PUBLIC")
        with psycopg.connect(server.conninfo("shop"), autocommit=True) as db:
            db.execute("CREATE TABLE orders (id integer PRIMARY KEY, total integer, note text)")
        yield server


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory, roots: Path, postgres: Server) -> Iterator[grpc.Channel]:
    policies = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(folder("policies"), policies)
    (policies / "shop.toml").write_text(
        'name = "shop"\ndescription = "may use a database"\nextends = "actions"\n'
        '[actions]\npostgres = ["shop"]\n[packages]\npython = ["psycopg", "psycopg_binary", "typing_extensions"]\n'
    )
    home = str(tmp_path_factory.mktemp("home"))
    databases = [("shop", postgres.conninfo("shop"))]
    with (
        serving(home, roots=[str(roots)], policies=str(policies), databases=databases) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        yield channel


@pytest.fixture
def world(channel: grpc.Channel, roots: Path, tmp_path: Path, postgres: Server) -> World:
    path = roots / tmp_path.name
    path.mkdir()
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        db.execute("TRUNCATE orders")
        db.execute("INSERT INTO orders VALUES (1, 10, 'a'), (2, 20, 'b')")
    return World(path, action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel))


def rows(postgres: Server) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.conninfo("shop")) as db:
        return db.execute("SELECT * FROM orders ORDER BY id").fetchall()


def run(world: World, *statements: str) -> action_pb2.Action:
    source = (
        f"import psycopg\nwith psycopg.connect() as db:\n    for each in {statements!r}:\n        db.execute(each)\n"
    )
    answer = world.execute(["python3", "-c", source], policy="shop", databases=SHOP)
    assert answer.action.exit_code == 0, answer.stderr
    return answer.action


def test_rows_are_seen_after_the_commit_and_gone_after_the_undo(world: World, postgres: Server):
    before = rows(postgres)
    action = run(world, "UPDATE orders SET total = 11 WHERE id = 1", "INSERT INTO orders VALUES (3, 30, 'c')")
    assert rows(postgres) == before
    assert {"postgres:shop#public.orders/1", "postgres:shop#public.orders/3"} <= set(world.effects(action))
    assert world.commit(action).done
    assert rows(postgres) == [(1, 11, "a"), (2, 20, "b"), (3, 30, "c")]
    assert world.undo(action).done
    assert rows(postgres) == before
    assert world.redo(action).done
    assert rows(postgres) == [(1, 11, "a"), (2, 20, "b"), (3, 30, "c")]


def test_what_others_write_to_another_column_stays_and_to_the_same_is_a_conflict(world: World, postgres: Server):
    action = run(world, "UPDATE orders SET total = 11 WHERE id = 1")
    assert world.commit(action).done
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        db.execute("UPDATE orders SET note = 'theirs' WHERE id = 1")
    assert world.undo(action).done
    assert rows(postgres)[0] == (1, 10, "theirs")
    second = run(world, "UPDATE orders SET total = 12 WHERE id = 1")
    assert world.commit(second).done
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        db.execute("UPDATE orders SET total = 99 WHERE id = 1")
    assert not world.undo(second).done
    assert rows(postgres)[0] == (1, 99, "theirs")


def test_a_database_that_the_policy_does_not_grant_is_a_file_that_is_not_there(world: World):
    answer = world.execute(["python3", "-c", "pass"], policy="actions", databases=SHOP)
    assert answer.action.exit_code == 0 and not world.effects(answer.action)


def test_the_clone_is_gone_when_the_action_is_over(world: World, postgres: Server):
    run(world, "DELETE FROM orders")
    with psycopg.connect(postgres.conninfo("postgres")) as db:
        names = [name for (name,) in db.execute("SELECT datname FROM pg_database WHERE datallowconn")]
    assert [name for name in names if name.startswith("sandbox_")] == []
