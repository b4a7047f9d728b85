"""Statements in a transaction that is held: what they did is told, taken back or committed; nothing is swallowed."""

from __future__ import annotations

import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from sandbox.effects.adapter import StatementError, UnsupportedError
from sandbox.effects.sqlite.held import Held
from sandbox.model.effects import Class
from tests.databases.sqlite import Shop

CASES = tomllib.loads(Path(__file__).with_name("sqlite.toml").read_text(encoding="utf-8"))
# What cannot run inside a transaction, or is refused there: see below.
OUTSIDE = {"vacuum", "page_size", "foreign_keys_cascade", "foreign_keys_deferred_in_a_circle"}
# A recording says less than a comparison of two files.
LESS = {"null_in_the_primary_key": "NULL in their primary key", "text_that_is_not_utf8": "not recorded",
        "autoincrement_alone": "none of them", "key_that_only_changes_its_case": "compare as equal",
        "text_in_utf16": "UTF-16"}  # fmt: skip
HERE = [name for name in CASES if name not in OUTSIDE]
TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES(1,'x')"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield Shop(tmp_path, TABLE)


def held(shop: Shop, ttl: float = 60) -> Held:
    found = Held(shop.file, "shop.db", shop.blobs.put_bytes, ttl=ttl)
    found.begin("a")
    return found


@pytest.mark.parametrize("name", HERE)
def test_what_statements_did_is_recorded_and_led_back_or_refused_by_name(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    shop = Shop(tmp_path, case.get("setup", ""))
    before = shop.dump()
    transaction = held(shop)
    transaction.execute(case["act"])
    assert shop.dump() == before, "nobody else sees it before it is committed"
    effects = transaction.effects("a")
    transaction.commit()
    after = shop.dump()
    worst = max((effect.cls for effect in effects), default=Class.PURE)
    if "why" in case or LESS.get(name):
        assert worst == Class.UNKNOWN
        wanted = LESS.get(name, case.get("why"))
        assert any(wanted in reason for effect in effects for reason in effect.residue)
        with pytest.raises(UnsupportedError):
            shop.lead(effects, "pre")
        assert shop.dump() == after
        return
    assert Counter(effect.op for effect in effects) == Counter(case["ops"])
    for side, there in (("pre", before), ("pre", before), ("post", after), ("pre", before)):
        shop.lead(effects, side)
        assert shop.dump() == there


@pytest.mark.parametrize("name", HERE)
def test_what_is_rolled_back_was_never_there(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    shop = Shop(tmp_path, case.get("setup", ""))
    before = shop.dump()
    transaction = held(shop)
    transaction.execute(case["act"])
    transaction.rollback()
    assert shop.dump() == before


def test_the_schema_belongs_to_the_transaction(shop: Shop) -> None:
    """GoEx: Python's module of old commits before the first CREATE, and its undo then finds nothing to roll back."""
    before = shop.dump()
    transaction = held(shop)
    transaction.execute("CREATE TABLE users(id INTEGER PRIMARY KEY); DROP TABLE t; ")
    transaction.rollback()
    assert shop.dump() == before


@pytest.mark.parametrize(
    ("sql", "ends"),
    [
        ("INSERT INTO t(a) VALUES('one; two'); INSERT INTO t(a) VALUES('--;')", ["x", "one; two", "--;"]),
        ("CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END; INSERT INTO t(a) VALUES('y')", ["x", "y"]),
        ("/* ; */ INSERT INTO t(a) VALUES(';'';') -- ;", ["x", ";';"]),
    ],
)
def test_a_semicolon_inside_a_literal_ends_nothing(shop: Shop, sql: str, ends: list[str]) -> None:
    """GoEx splits statements at every `;`."""
    transaction = held(shop)
    transaction.execute(sql)
    transaction.commit()
    assert apsw.Connection(str(shop.file)).execute("SELECT a FROM t ORDER BY id").fetchall() == [
        (each,) for each in ends
    ]


@pytest.mark.parametrize("sql", ["INSERT INTO nowhere VALUES(1)", "INSERT INTO t VALUES(1,2)", "no sql", "SELECT ?"])
def test_an_error_is_raised_and_undoes_its_call_and_no_other(shop: Shop, sql: str) -> None:
    """GoEx swallows every exception, and says that it was committed."""
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'kept')")
    with pytest.raises(StatementError):
        transaction.execute(f"INSERT INTO t VALUES(3,'gone'); {sql}")
    assert transaction.execute("SELECT id FROM t") == [(1,), (2,)]
    transaction.commit()
    assert not transaction.open


@pytest.mark.parametrize(
    "sql",
    ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x", "RELEASE call", "ROLLBACK TO action_0", "ATTACH '/tmp/x' AS x",
     "PRAGMA journal_mode=OFF", "PRAGMA writable_schema=ON", "PRAGMA trusted_schema=ON", "SELECT load_extension('x')",
     "VACUUM", "VACUUM INTO '/tmp/x'", "DETACH main", "PRAGMA temp_store_directory='/'"],
)  # fmt: skip
def test_what_would_leave_the_transaction_is_refused(shop: Shop, sql: str) -> None:
    before = shop.dump()
    transaction = held(shop)
    transaction.execute("DELETE FROM t")
    with pytest.raises(StatementError):
        transaction.execute(sql)
    assert transaction.open
    transaction.rollback()
    assert shop.dump() == before


def test_an_error_that_rolls_everything_back_is_told_and_nothing_can_be_committed(shop: Shop) -> None:
    shop.write("CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT RAISE(ROLLBACK, 'never'); END")
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'y')")
    with pytest.raises(StatementError, match="never"):
        transaction.execute("DELETE FROM t")
    for act in (transaction.commit, lambda: transaction.execute("SELECT 1"), lambda: transaction.effects("a")):
        with pytest.raises(StatementError, match="over"):
            act()


def test_an_action_is_dropped_with_those_that_came_after_it(shop: Shop) -> None:
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'a')")
    for name in ("b", "c"):
        transaction.begin(name)
        transaction.execute("INSERT INTO t(a) VALUES(?)", (name,))
    assert [effect.post["row"]["a"] for effect in transaction.effects("b")] == ["b", "c"]
    assert transaction.drop("b") == ["b", "c"]
    assert [effect.post["row"]["a"] for effect in transaction.effects("a")] == ["a"]
    transaction.commit()
    assert apsw.Connection(str(shop.file)).execute("SELECT a FROM t").fetchall() == [("x",), ("a",)]


def test_its_time_runs_out_and_others_may_write_again(shop: Shop) -> None:
    transaction = held(shop, ttl=0.05)
    transaction.execute("DELETE FROM t")
    gone = threading.Event()
    for _ in range(500):
        if not transaction.open:
            gone.set()
            break
        gone.wait(0.01)
    assert gone.is_set()
    shop.write("INSERT INTO t VALUES(2,'other')")
    with pytest.raises(StatementError, match="over"):
        transaction.commit()
    assert apsw.Connection(str(shop.file)).execute("SELECT count(*) FROM t").fetchall() == [(2,)]


def test_an_endless_statement_ends_with_the_transactions_time(shop: Shop) -> None:
    transaction = held(shop, ttl=0.2)
    begun = time.monotonic()
    with pytest.raises(StatementError):
        transaction.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n")
    assert time.monotonic() - begun < 10


def test_rows_without_end_are_refused(shop: Shop) -> None:
    transaction = Held(shop.file, "shop.db", shop.blobs.put_bytes, ttl=60, rows=10)
    with pytest.raises(StatementError, match="more than 10"):
        transaction.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n")
    transaction.rollback()


def test_a_broken_foreign_key_is_found_at_the_commit_and_all_of_it_is_still_held(shop: Shop) -> None:
    shop.write("CREATE TABLE c(id INTEGER PRIMARY KEY, t REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
    transaction = held(shop)
    transaction.execute("INSERT INTO c VALUES(1, 99)")
    with pytest.raises(StatementError, match="FOREIGN KEY"):
        transaction.commit()
    assert transaction.open
    transaction.execute("INSERT INTO t VALUES(99, 'y')")
    transaction.commit()


def test_rows_that_were_written_and_not_recorded_are_never_nothing(shop: Shop) -> None:
    transaction = held(shop)
    transaction.execute("INSERT INTO t VALUES(2,'y'); DELETE FROM t WHERE id=2")
    (found,) = transaction.effects("a")
    assert (found.cls, found.residue) == (Class.UNKNOWN, ("rows were written, and none of them was recorded",))
    transaction.rollback()
