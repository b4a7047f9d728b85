"""Statements in a transaction of PostgreSQL's that is held."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.effects.adapter import StatementError
from sandbox.effects.postgres.held import Held
from tests.databases.postgres import Store, store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
SETUP = "CREATE TABLE t(id int PRIMARY KEY, a text); INSERT INTO t VALUES(1,'x')"


@pytest.fixture(scope="module")
def shop(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store(postgres, tmp_path_factory.mktemp("shop"), SETUP) as found:
        yield found


def held(shop: Store, ttl: float = 60) -> Held:
    shop.write("DROP TABLE IF EXISTS t, u; " + SETUP)
    found = Held(shop.server.conninfo(shop.name), ttl=ttl)
    found.begin("a")
    return found


def test_what_is_rolled_back_was_never_there_and_the_schema_neither(shop: Store) -> None:
    transaction = held(shop)
    before = shop.dump()
    transaction.execute("CREATE TABLE u(id int); DELETE FROM t; ALTER TABLE t ADD COLUMN b int")
    assert shop.name and transaction.query("SELECT count(*) FROM t") == [(0,)]
    transaction.rollback()
    assert shop.dump() == before
    assert not transaction.open


def test_what_is_committed_is_there(shop: Store) -> None:
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2, 'a;b'); INSERT INTO t VALUES(3, $$;'%s$$)")
    transaction.commit()
    assert shop.dump()["public.t"] == [("1", "x"), ("2", "a;b"), ("3", ";'%s")]


@pytest.mark.parametrize(
    "statement",
    ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x", "RELEASE call", "ROLLBACK TO action_0", "/**/ COMMIT AND CHAIN",
     "PREPARE TRANSACTION 'x'", "VACUUM", "CREATE DATABASE x", "DO $$ BEGIN COMMIT; END $$", "no sql",
     "INSERT INTO t VALUES(5,''); COMMIT", "INSERT INTO t VALUES(5,''); INSERT INTO t VALUES(1,'')", "'; COMMIT; --",
     "$body$; COMMIT", "END; COMMIT; BEGIN"],
)  # fmt: skip
def test_what_would_end_it_or_fails_is_raised_and_undoes_its_call_only(statement: str, shop: Store) -> None:
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'kept')")
    for run in (transaction.execute, transaction.query):
        with pytest.raises(StatementError):
            run(statement)
    assert transaction.query("SELECT id FROM t ORDER BY 1") == [(1,), (2,)]
    assert len(shop.dump()["public.t"]) == 1
    transaction.rollback()
    assert len(shop.dump()["public.t"]) == 1


def test_a_query_may_not_be_followed_by_anything(shop: Store) -> None:
    transaction = held(shop)
    transaction.begin("b")
    for statement in ("SELECT 1; COMMIT", "SELECT 1; DELETE FROM t; SELECT 1; ROLLBACK"):
        with pytest.raises(StatementError):
            transaction.query(statement)
    assert transaction.query("SELECT a FROM t") == [("x",)]
    transaction.rollback()


def test_an_action_is_dropped_with_those_that_came_after_it(shop: Store) -> None:
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'a')")
    for name in ("b", "c"):
        transaction.begin(name)
        transaction.execute(f"INSERT INTO t SELECT max(id)+1, '{name}' FROM t")
    assert transaction.drop("b") == ["b", "c"]
    transaction.commit()
    assert shop.dump()["public.t"] == [("1", "x"), ("2", "a")]


@pytest.mark.parametrize("busy", [False, True])
def test_its_time_runs_out_and_its_locks_are_gone(busy: bool, shop: Store) -> None:
    transaction = held(shop, ttl=0.3)
    transaction.execute("DELETE FROM t")
    begun = time.monotonic()
    if busy:
        with pytest.raises(StatementError):
            transaction.execute("SELECT pg_sleep(60)")
    over = threading.Event()
    while transaction.open and time.monotonic() - begun < 20:
        over.wait(0.01)
    shop.write("UPDATE t SET a='other'")
    assert shop.dump()["public.t"] == [("1", "other")]
    with pytest.raises(StatementError, match="over"):
        transaction.commit()


def test_rows_without_end_are_refused(shop: Store) -> None:
    transaction = Held(shop.server.conninfo(shop.name), ttl=60, rows=10)
    with pytest.raises(StatementError, match="more than 10"):
        transaction.query("SELECT generate_series(1, 1000000000)")
    assert transaction.query("SELECT 1") == [(1,)]
    transaction.rollback()
