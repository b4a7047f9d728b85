"""Actions that are SQL, on a transaction of the live database that is held: of SQLite and of PostgreSQL, alike."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import time
from pathlib import Path

import grpc
import psycopg
import pytest

from sandbox.v1 import action_pb2, action_pb2_grpc
from tests.databases.server import Server
from tests.undo.held.shop import POSTGRES, ROWS, SQLITE, Shop, shop_of
from tests.undo.world import Mode

pytestmark = pytest.mark.jail


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


def test_its_time_runs_out_and_the_database_is_free(shop: Shop):
    action = shop.run("DELETE FROM orders", policy="short")
    shop.write("UPDATE orders SET note = 'after' WHERE id = 1")
    deadline = time.monotonic() + 10
    while shop.world.status(action) != "DISCARDED" and time.monotonic() < deadline:
        pass
    assert shop.world.status(action) == "DISCARDED"
    assert shop.rows() == [(1, 10, "after"), (2, 20, "b")]


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
