"""Actions that are SQL, on a transaction of the live database that is held: of SQLite and of PostgreSQL, alike."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import psycopg
import pytest

from sandbox.datafiles import folder
from sandbox.v1 import action_pb2, action_pb2_grpc, reward_pb2_grpc
from tests.databases.server import Server
from tests.databases.server import serving as postgres_serving
from tests.serving import serving
from tests.undo.world import Mode, World

pytestmark = pytest.mark.jail
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


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with postgres_serving() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as db:
            db.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
            db.execute("CREATE DATABASE shop OWNER clerk")
        yield server


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(folder("policies"), found)
    for name, text in POLICIES.items():
        (found / f"{name}.toml").write_text(f'name = "{name}"\ndescription = "x"\nextends = "actions"\n{text}')
    return found


@pytest.fixture(scope="module")
def start(roots: Path, policies: Path, postgres: Server) -> Callable[[Path], contextlib.AbstractContextManager]:
    return lambda home: serving(
        str(home),
        roots=[str(roots)],
        policies=str(policies),
        databases=[("shop", postgres.conninfo("shop"))],
        statement_roles=[("shop", postgres.conninfo("shop", "clerk", "clerk"))],
    )


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory, start) -> Iterator[grpc.Channel]:
    with start(tmp_path_factory.mktemp("home")) as running, grpc.insecure_channel(running.address) as channel:
        yield channel


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


@pytest.fixture(scope="module", autouse=True)
def schema(postgres: Server) -> None:
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        db.execute("ALTER SCHEMA public OWNER TO clerk")


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request, channel: grpc.Channel, roots: Path, tmp_path: Path, postgres: Server) -> Iterator[Shop]:
    found = shop_of(request.param, roots / tmp_path.name, channel, postgres)
    yield found
    for action in found.world.actions.List(action_pb2.ListActionsRequest(workspace=str(found.world.path))).actions:
        if action.status == action_pb2.Action.HELD:
            found.world.undo(action)


def test_nobody_sees_it_before_the_commit_and_the_undo_leads_its_rows_back(shop: Shop):
    action = shop.run("UPDATE orders SET total = 11 WHERE id = 1", "INSERT INTO orders VALUES (3, 30, 'c')")
    assert shop.world.status(action) == "HELD" and action.expires_ms <= (time.time() + 601) * 1000
    prefix = {"shop.db": "sqlite:shop.db#orders", "shop": "postgres:shop#public.orders"}[shop.database]
    assert shop.world.effects(action) == {f"{prefix}/1": "update", f"{prefix}/3": "insert"}
    assert shop.rows() == ROWS
    assert shop.world.commit(action).done and shop.world.commit(action).done
    assert shop.rows() == [(1, 11, "a"), (2, 20, "b"), (3, 30, "c")]
    shop.write("UPDATE orders SET note = 'theirs' WHERE id = 1")
    assert shop.world.undo(action).done
    assert shop.rows() == [(1, 10, "theirs"), (2, 20, "b")]
    assert shop.world.redo(action).done
    assert shop.rows() == [(1, 11, "theirs"), (2, 20, "b"), (3, 30, "c")]


def test_an_undo_while_it_is_held_rolls_back_and_frees_the_database(shop: Shop):
    action = shop.run("DELETE FROM orders")
    assert shop.world.undo(action).done and shop.world.status(action) == "DISCARDED"
    shop.write("UPDATE orders SET total = 12 WHERE id = 1")
    assert shop.rows() == [(1, 12, "a"), (2, 20, "b")]
    assert not any(shop.world.undo(action).conflicts) and shop.rows()[0] == (1, 12, "a")


def test_a_dry_run_tells_and_leaves_nothing(shop: Shop):
    action = shop.run("DELETE FROM orders WHERE id = 2", mode=Mode.DRY_RUN)
    assert shop.world.status(action) == "DISCARDED" and [*shop.world.effects(action).values()] == ["delete"]
    shop.write("UPDATE orders SET note = 'free' WHERE id = 2")
    assert shop.rows() == [(1, 10, "a"), (2, 20, "free")]


def test_a_commit_at_once_is_committed_and_can_be_undone(shop: Shop):
    action = shop.run("DELETE FROM orders WHERE id = 2", mode=Mode.COMMIT)
    assert shop.world.status(action) == "COMMITTED" and shop.rows() == ROWS[:1]
    assert shop.world.undo(action).done and shop.rows() == ROWS


def test_a_semicolon_in_a_literal_ends_nothing(shop: Shop):
    action = shop.run("INSERT INTO orders VALUES (3, 1, 'x; DELETE FROM orders; --')", mode=Mode.COMMIT)
    assert shop.rows() == [*ROWS, (3, 1, "x; DELETE FROM orders; --")]
    assert shop.world.undo(action).done and shop.rows() == ROWS


def test_the_rows_of_the_last_statement_that_answers_any_are_json_lines(shop: Shop):
    answer = shop.send("SELECT 7 AS unseen", "SELECT id, note FROM orders ORDER BY id -- all;", "DELETE FROM log")
    assert [json.loads(line) for line in answer.stdout.splitlines()] == [
        {"id": 1, "note": "a"}, {"id": 2, "note": "b"}]  # fmt: skip
    assert shop.world.status(answer.action) == "COMMITTED", "it changed nothing, and holds nothing"
    shop.write("DELETE FROM orders")


def test_more_rows_than_are_shown_are_clipped(shop: Shop):
    series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) SELECT i FROM n"
    assert len(shop.send(series).stdout) == 16_384


@pytest.mark.parametrize("bad", ["INSERT INTO orders VALUES (1, 0, '')", "no sql", "COMMIT", "DELETE FROM nothing"])
def test_a_statement_that_fails_takes_all_of_them_back(bad: str, shop: Shop):
    answer = shop.send("DELETE FROM orders WHERE id = 2", bad, "DELETE FROM orders", mode=Mode.COMMIT)
    assert answer.action.exit_code == 1 and answer.stderr and not answer.action.effects
    assert shop.world.status(answer.action) == "COMMITTED", "it had no effects"
    shop.write("UPDATE orders SET note = 'free' WHERE id = 2")
    assert shop.rows() == [(1, 10, "a"), (2, 20, "free")]


def test_a_changed_schema_is_exact_while_it_is_held(shop: Shop):
    action = shop.run("CREATE TABLE more (id integer)", "ALTER TABLE log ADD COLUMN x integer", "DELETE FROM orders")
    assert action.effect_class == action_pb2.Effect.UNKNOWN
    assert shop.world.undo(action).done
    assert shop.rows() == ROWS and shop.rows("SELECT * FROM log") == []
    shop.write("CREATE TABLE more (other text)")


def test_a_changed_schema_that_is_committed_is_never_said_to_be_undone(shop: Shop):
    denied = shop.run("CREATE TABLE more (id integer)")
    refused = shop.world.commit(denied)
    assert not refused.done and "irreversible" in refused.message and shop.world.status(denied) == "DENIED"
    action = shop.run("CREATE TABLE more (id integer)", "DELETE FROM orders WHERE id = 2", policy="free")
    assert shop.world.commit(action).done
    undone = shop.world.undo(action)
    assert not undone.done and "cannot be undone" in undone.message and undone.conflicts
    assert shop.rows() == ROWS[:1] and shop.world.status(action) == "COMMITTED"
    assert shop.rows("SELECT count(*) FROM more") == [(0,)]


def test_a_second_transaction_meets_a_clear_error_and_does_not_hang(shop: Shop):
    first = shop.run("UPDATE orders SET total = 11 WHERE id = 1")
    began = time.monotonic()
    if shop.database == "shop.db":
        with pytest.raises(grpc.RpcError) as error:
            shop.send("UPDATE orders SET total = 12 WHERE id = 1")
        assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION and first.id in error.value.details()
    else:
        answer = shop.send("UPDATE orders SET total = 12 WHERE id = 1")
        assert answer.action.exit_code == 1 and b"lock timeout" in answer.stderr
        other = shop.run("UPDATE orders SET total = 21 WHERE id = 2")
        assert shop.world.undo(other).done
    assert time.monotonic() - began < 20
    assert shop.world.commit(first).done and shop.rows()[0] == (1, 11, "a")


def test_others_who_write_to_the_database_are_an_error_of_the_request_or_the_statement(shop: Shop):
    with shop.connect() as db:
        db.execute("UPDATE orders SET total = 99 WHERE id = 1")
        if shop.database == "shop.db":
            with pytest.raises(grpc.RpcError) as error:
                shop.send("UPDATE orders SET total = 12 WHERE id = 1")
            assert "somebody else is writing" in error.value.details()
        else:
            assert b"lock timeout" in shop.send("UPDATE orders SET total = 12 WHERE id = 1").stderr
        db.rollback()
    assert shop.world.undo(shop.run("UPDATE orders SET total = 12 WHERE id = 1")).done


def test_an_undo_that_waits_for_a_held_transaction_says_so_and_can_be_asked_again(shop: Shop):
    committed = shop.run("UPDATE orders SET total = 11 WHERE id = 1", mode=Mode.COMMIT)
    held = shop.run("UPDATE orders SET note = 'x' WHERE id = 1")
    if shop.database == "shop.db":
        with pytest.raises(grpc.RpcError) as error:
            shop.world.undo(committed)
        assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert shop.world.status(committed) == "COMMITTED"
    assert shop.world.undo(held).done
    assert shop.world.undo(committed).done and shop.rows() == ROWS


def test_its_time_runs_out_and_the_database_is_free(shop: Shop):
    action = shop.run("DELETE FROM orders", policy="short")
    shop.write("UPDATE orders SET note = 'after' WHERE id = 1")
    deadline = time.monotonic() + 10
    while shop.world.status(action) != "DISCARDED" and time.monotonic() < deadline:
        pass
    assert shop.world.status(action) == "DISCARDED"
    assert shop.rows() == [(1, 10, "after"), (2, 20, "b")]


def test_a_statement_without_end_is_stopped(shop: Shop):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n"
    answer = shop.send("DELETE FROM orders", endless, policy="quick")
    assert answer.action.ended_by == "TIME_LIMIT" and answer.action.exit_code == 1
    shop.write("UPDATE orders SET note = 'free' WHERE id = 2")


def test_more_rows_than_the_policy_allows_are_not_held(shop: Shop):
    with pytest.raises(grpc.RpcError) as error:
        shop.send("DELETE FROM orders", policy="few")
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    shop.write("UPDATE orders SET note = 'free' WHERE id = 2")


def test_a_server_that_is_killed_holds_nothing_and_its_successor_says_so(
    start, tmp_path: Path, roots: Path, postgres: Server
):
    home, lost = tmp_path / "home", []
    home.mkdir()
    with start(home) as running, grpc.insecure_channel(running.address) as channel:
        shops = [shop_of(kind, roots / f"killed-{kind}", channel, postgres) for kind in ("sqlite", "postgres")]
        lost = [shop.run("DELETE FROM orders") for shop in shops]
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    with start(home) as running, grpc.insecure_channel(running.address) as channel:
        for shop, action in zip(shops, lost, strict=True):
            shop.world.actions = action_pb2_grpc.ActionServiceStub(channel)
            assert shop.world.status(action) == "DISCARDED"
            shop.write("UPDATE orders SET note = 'free' WHERE id = 2")
            assert shop.rows() == [(1, 10, "a"), (2, 20, "free")]


def test_a_server_that_ends_rolls_back_and_records_it(start, tmp_path: Path, roots: Path, postgres: Server):
    home = tmp_path / "home"
    home.mkdir()
    with start(home) as running, grpc.insecure_channel(running.address) as channel:
        shop = shop_of("sqlite", roots / "ended", channel, postgres)
        action = shop.run("DELETE FROM orders")
    assert shop.rows() == ROWS
    with start(home) as running, grpc.insecure_channel(running.address) as channel:
        shop.world.actions = action_pb2_grpc.ActionServiceStub(channel)
        assert shop.world.status(action) == "DISCARDED"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"databases": []}, "one database"),
        ({"databases": [action_pb2.Database(name="shop.db", mode="JOURNAL")]}, "one database"),
        ({"command": ["true"]}, "one of"),
        ({"statements": []}, "one of"),
        ({"statements": [], "command": ["true"]}, "for statements"),
        ({"branch": "b"}, "branch"),
        ({"statements": [" "]}, "no statement"),
        ({"statements": ["x"] * 1001}, "too many"),
        ({"databases": [action_pb2.Database(name="../x.db", mode="HELD")]}, "no path beneath"),
        ({"policy": "none"}, "lets nothing change"),
        ({"databases": [action_pb2.Database(name="no.db", mode="HELD")]}, "no such database"),
    ],
)
@SQLITE
def test_a_request_that_does_not_fit_is_refused(fields: dict[str, object], what: str, shop: Shop):
    held = [action_pb2.Database(name="shop.db", mode="HELD")]
    given = {"workspace": str(shop.world.path), "statements": ["SELECT 1"], "databases": held, **fields}
    with pytest.raises(grpc.RpcError) as error:
        shop.world.actions.Execute(action_pb2.ExecuteRequest(**given), timeout=60)
    assert what in error.value.details()


@pytest.mark.parametrize(
    "statement", ["ATTACH '/etc/passwd' AS x", "PRAGMA writable_schema = 1", "VACUUM INTO '/tmp/x'"]
)
@SQLITE
def test_sqlite_reaches_no_other_file(statement: str, shop: Shop):
    assert shop.send(statement).action.exit_code == 1


@POSTGRES
def test_a_role_that_reaches_further_than_its_database_is_refused(shop: Shop, postgres: Server):
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        for mighty in ("pg_execute_server_program", "postgres"):
            db.execute(f"GRANT {mighty} TO clerk")
            with pytest.raises(grpc.RpcError) as error:
                shop.send("SELECT 1")
            assert f"statements would run as {mighty}" in error.value.details()
            db.execute(f"REVOKE {mighty} FROM clerk")
    assert shop.run("SELECT 1")


@POSTGRES
def test_a_database_with_a_way_out_is_refused(shop: Shop, postgres: Server):
    with psycopg.connect(postgres.conninfo("shop"), autocommit=True) as db:
        db.execute("CREATE FUNCTION root() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'")
        with pytest.raises(grpc.RpcError) as error:
            shop.send("SELECT root()")
        db.execute("DROP FUNCTION root()")
    assert "a function that runs with a superuser's rights" in error.value.details()


@POSTGRES
def test_a_policy_that_does_not_grant_it_takes_the_name_for_a_file(shop: Shop):
    with pytest.raises(grpc.RpcError) as error:
        shop.send("SELECT 1", policy="actions")
    assert "no such database" in error.value.details()


@POSTGRES
def test_a_connection_that_is_cut_is_no_commit(shop: Shop, postgres: Server):
    action = shop.run("DELETE FROM orders")
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'clerk'")
    ended = shop.world.commit(action)
    assert not ended.done and "did not commit" in ended.message
    assert shop.world.status(action) == "DISCARDED" and shop.rows() == ROWS


@SQLITE
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_its_lock_outlives_what_else_the_server_does_with_the_file(journal: str, shop: Shop):
    # POSIX drops all locks of a process that closes a file of which it holds any.
    shop.rows(f"PRAGMA journal_mode = {journal}")
    held = shop.run("UPDATE orders SET total = 11 WHERE id = 1")
    by_rows = [action_pb2.Database(name="shop.db", mode=action_pb2.Database.JOURNAL)]
    script = "cp shop.db other.db; printf x >> other.db; mv other.db shop.db; rm -f shop.db-*"
    for databases in (by_rows, []):
        other = shop.world.run(script, databases=databases, mode=Mode.DRY_RUN)
        assert shop.world.effects(other)
    with (
        contextlib.closing(sqlite3.connect(shop.world.path / "shop.db", timeout=0)) as db,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        db.execute("UPDATE orders SET total = 99")
    assert shop.world.commit(held).done and shop.rows()[0] == (1, 11, "a")
