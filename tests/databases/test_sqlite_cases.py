"""Every kind of table and value: captured, led to the other side and back, or refused by name."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import apsw
import pytest

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.sqlite.schema import probe
from sandbox.model.effects import Class
from tests.databases.sqlite import Shop

CASES = tomllib.loads(Path(__file__).with_name("sqlite.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_what_an_action_did_is_led_back_exactly_or_refused_by_name(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    shop = Shop(tmp_path, case.get("setup", ""))
    before = shop.dump()
    effects = shop.act(case["act"])
    after = shop.dump(shop.branch / "shop.db")
    assert Counter(effect.op for effect in effects) == Counter(case["ops"])
    worst = max((effect.cls for effect in effects), default=Class.PURE)
    if "why" in case:
        assert worst == Class.UNKNOWN
        assert any(case["why"] in reason for effect in effects for reason in effect.residue)
        with pytest.raises(UnsupportedError):
            shop.lead(effects, "post")
        assert shop.dump() == before
        return
    assert worst == (Class[case.get("cls", "REVERSIBLE")] if effects else Class.PURE)
    for side, there in (("post", after), ("post", after), ("pre", before), ("pre", before), ("post", after)):
        shop.lead(effects, side)
        assert shop.dump() == there
        assert shop.live.verify(effects, side) == []  # type: ignore[arg-type]


def test_minus_zero_is_another_value_than_zero(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES(1,0.0),(2,0.0)")
    before = shop.dump()
    effects = shop.act(lambda db: db.execute("UPDATE t SET a=? WHERE id=1", (-0.0,)))  # type: ignore[arg-type,func-returns-value]
    assert [effect.post["row"] for effect in effects] == [{"a": {"real": "-0.0"}}]
    shop.lead(effects, "post")
    assert shop.dump() == shop.dump(shop.branch / "shop.db") != before
    shop.lead(effects, "pre")
    assert shop.dump() == before


def test_a_database_that_is_new_or_gone_is_compared_with_an_empty_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "CREATE TABLE t(a)")
    missing = shop.branch / "shop.db"
    assert [(effect.op, effect.cls) for effect in shop.compare(missing)] == [("ddl", Class.UNKNOWN)]


FINDINGS = [
    ("CREATE TABLE t(a)", "no primary key", Class.REVERSIBLE),
    ("CREATE TABLE t(a PRIMARY KEY); INSERT INTO t VALUES(NULL)", "no primary key", Class.REVERSIBLE),
    ("CREATE TABLE t(a TEXT PRIMARY KEY); INSERT INTO t VALUES(NULL)", "not recorded", Class.UNKNOWN),
    ("CREATE TABLE t(a TEXT COLLATE NOCASE PRIMARY KEY)", "compare as equal", Class.REVERSIBLE),
    ("CREATE TABLE t(rowid, _rowid_, oid)", "cannot be told apart", Class.UNKNOWN),
    ("CREATE TABLE t(a INTEGER PRIMARY KEY, b AS (a))", "generated", Class.REVERSIBLE),
    ("CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)", "AUTOINCREMENT", Class.RESIDUE),
    ("CREATE VIRTUAL TABLE t USING fts5(a)", "virtual", Class.UNKNOWN),
    ("CREATE VIRTUAL TABLE t USING rtree(a, b, c)", "virtual", Class.UNKNOWN),
    ("CREATE TABLE a(a); CREATE TRIGGER t AFTER DELETE ON a BEGIN SELECT 1; END", "trigger", Class.REVERSIBLE),
    ("CREATE VIEW t AS SELECT 1", "view", Class.REVERSIBLE),
    ("CREATE TABLE t(a INTEGER PRIMARY KEY, b REFERENCES t ON DELETE CASCADE)", "foreign keys", Class.REVERSIBLE),
]


@pytest.mark.parametrize(("setup", "what", "cls"), FINDINGS)
def test_a_probe_names_what_rows_cannot_cover(setup: str, what: str, cls: Class, tmp_path: Path) -> None:
    shop = Shop(tmp_path, setup)
    assert any(f.table == "t" and what in f.what and f.cls == cls for f in probe(shop.file).findings)


@pytest.mark.parametrize(
    "setup", ["CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "CREATE TABLE t(a TEXT PRIMARY KEY) WITHOUT ROWID"]
)
def test_a_probe_finds_nothing_in_plain_tables(setup: str, tmp_path: Path) -> None:
    assert probe(Shop(tmp_path, setup).file).findings == ()


def test_a_write_ahead_log_that_was_not_copied_back_belongs_to_the_database(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1)")
    copy = shop.copy()
    writer = apsw.Connection(str(copy))
    writer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    writer.execute("INSERT INTO t VALUES(2)")
    try:
        assert [(effect.op, effect.post["row"]) for effect in shop.compare(copy)] == [("insert", {"id": 2})]
    finally:
        writer.close()
