"""What is held by somebody else, reaches too far or does not fit: a clear error, nothing kept, nobody who waits."""

from __future__ import annotations

import time

import grpc
import psycopg
import pytest

from sandbox.v1 import action_pb2
from tests.databases.server import Server
from tests.undo.held.shop import POSTGRES, ROWS, SQLITE, Shop
from tests.undo.world import Mode

pytestmark = pytest.mark.jail


@pytest.mark.parametrize("bad", ["INSERT INTO orders VALUES (1, 0, '')", "no sql", "COMMIT", "DELETE FROM nothing"])
def test_a_statement_that_fails_takes_all_of_them_back(bad: str, shop: Shop):
    answer = shop.send("DELETE FROM orders WHERE id = 2", bad, "DELETE FROM orders", mode=Mode.COMMIT)
    assert answer.action.exit_code == 1 and answer.stderr and not answer.action.effects
    assert shop.world.status(answer.action) == "COMMITTED", "it had no effects"
    shop.write("UPDATE orders SET note = 'free' WHERE id = 2")
    assert shop.rows() == [(1, 10, "a"), (2, 20, "free")]


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
