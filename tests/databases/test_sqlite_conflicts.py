"""Somebody else writes in between: to another column it survives, to the same one nothing at all is changed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.model.effects import Effect
from tests.databases.conflicts import meets_a_conflict
from tests.databases.sqlite import Shop

SETUP = """CREATE TABLE p(id INTEGER PRIMARY KEY, a, b, c);
INSERT INTO p VALUES(1,'a','b','c'),(2,'a','b','c'),(3,'a','b','c');
CREATE TABLE k(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO k VALUES(1,1);
CREATE TABLE u(id INTEGER PRIMARY KEY, name UNIQUE ON CONFLICT REPLACE, n); INSERT INTO u VALUES(1,'x',0);
CREATE TABLE bare(a, b); INSERT INTO bare VALUES(1,2),(1,2)"""

# What the action did, what somebody else did after its commit, and what the undo says: of each difference its facet.
CONFLICTS = [
    ("UPDATE p SET a='A' WHERE id=1", "UPDATE p SET a='other' WHERE id=1", ["a"]),
    ("UPDATE p SET a='A', b='B' WHERE id=1", "UPDATE p SET b='other' WHERE id=1", ["b"]),
    ("UPDATE p SET a='A'", "UPDATE p SET a='other' WHERE id<3", ["a", "a"]),
    ("UPDATE p SET a='A' WHERE id=2", "DELETE FROM p WHERE id=2", ["row"]),
    ("DELETE FROM p WHERE id=2", "INSERT INTO p VALUES(2,'a','b','other')", ["row"]),
    ("INSERT INTO p VALUES(9,1,2,3)", "UPDATE p SET c='other' WHERE id=9", ["c"]),
    ("INSERT INTO p VALUES(9,1,2,3)", "INSERT INTO k VALUES(2,9)", ["foreign key"]),
    ("UPDATE k SET p=NULL WHERE id=1", "DELETE FROM p WHERE id=1", ["foreign key"]),
    ("DELETE FROM u WHERE id=1", "INSERT INTO u VALUES(2,'x',1)", ["constraint"]),
    ("UPDATE u SET name='y' WHERE id=1", "INSERT INTO u VALUES(2,'x',1)", ["constraint"]),
    ("UPDATE bare SET b=3 WHERE rowid=1", "UPDATE bare SET a=7 WHERE rowid=1", ["a"]),
    ("DELETE FROM p WHERE id=2", "ALTER TABLE p DROP COLUMN c", ["table"]),
    ("DELETE FROM p WHERE id=2", "DROP TABLE k; DROP TABLE p", ["table"]),
    ("INSERT INTO p VALUES(9,1,2,3)", "ALTER TABLE p ADD COLUMN d DEFAULT 5", ["columns"]),
]
SURVIVES = [
    ("UPDATE p SET a='A' WHERE id=1", "UPDATE p SET b='other' WHERE id=1", "UPDATE p SET b='other' WHERE id=1"),
    ("UPDATE p SET a='A'", "INSERT INTO p VALUES(4,'a',5,6)", "INSERT INTO p VALUES(4,'a',5,6)"),
    ("UPDATE p SET a='A', b='B'", "UPDATE p SET a='a' WHERE id=1", ""),
    ("DELETE FROM p WHERE id=2", "INSERT INTO p VALUES(2,'a','b','c')", ""),
    ("INSERT INTO p VALUES(9,1,2,3)", "DELETE FROM p WHERE id=9", ""),
    ("UPDATE p SET a='A'", "ALTER TABLE p ADD COLUMN d DEFAULT 5", "ALTER TABLE p ADD COLUMN d DEFAULT 5"),
    ("DELETE FROM k", "UPDATE p SET a=3 WHERE id=1", "UPDATE p SET a=3 WHERE id=1"),
]
# Many rows alike are judged and written at once.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i"
MANY = f"; INSERT INTO p {NUMBERS}, 'a', 'b', 'c' FROM n"


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize(("act", "foreign", "facets"), CONFLICTS)
def test_a_foreign_write_is_a_conflict_and_changes_nothing(
    act: str, foreign: str, facets: list[str], many: bool, tmp_path: Path
) -> None:
    shop = Shop(tmp_path, SETUP + MANY * many)
    meets_a_conflict(shop, act, foreign, facets)
    assert not Path(f"{shop.file}-journal").exists()


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize(("act", "foreign", "same"), SURVIVES)
def test_a_foreign_write_to_something_else_survives_an_undo(
    act: str, foreign: str, same: str, many: bool, tmp_path: Path
) -> None:
    shop = Shop(tmp_path, SETUP + MANY * many)
    copy = shop.branch / "expected.db"
    copy.write_bytes(shop.file.read_bytes())
    if same:
        shop.write(same, copy)
    effects = shop.act(act)
    shop.lead(effects, "post")
    shop.write(foreign)
    assert shop.live.check(effects, "pre") == []
    shop.lead(effects, "pre")
    assert shop.dump() == shop.dump(copy)


def test_looking_for_conflicts_writes_nothing_to_the_disk(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = shop.act("UPDATE p SET a='A'; DELETE FROM u")
    before = shop.file.read_bytes(), shop.file.stat().st_mtime_ns, shop.root.stat().st_mtime_ns
    assert shop.live.check(effects, "post") == []
    assert (shop.file.read_bytes(), shop.file.stat().st_mtime_ns, shop.root.stat().st_mtime_ns) == before


def test_of_two_databases_none_is_changed_where_one_is_in_the_way(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = shop.act("UPDATE p SET a='A'")
    also = [renamed(effect, "other.db") for effect in effects]
    (shop.root / "other.db").write_bytes(shop.file.read_bytes())
    shop.write("UPDATE p SET a='foreign' WHERE id=3", shop.root / "other.db")
    before = shop.dump(), shop.dump(shop.root / "other.db")
    with pytest.raises(ConflictError):
        shop.lead([*effects, *also], "post")
    assert (shop.dump(), shop.dump(shop.root / "other.db")) == before


def test_a_database_that_is_gone_is_a_conflict(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = shop.act("UPDATE p SET a='A'")
    shop.file.unlink()
    assert [difference.facet for difference in shop.live.check(effects, "post")] == ["database"]
    assert [difference.facet for difference in shop.live.verify(effects, "post")] == ["database"]
    assert not shop.file.exists()


def test_a_database_that_somebody_else_locked_is_an_error_and_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.effects.sqlite.opening.BUSY_MS", 1)
    shop = Shop(tmp_path, SETUP)
    effects = shop.act("UPDATE p SET a='A'")
    before = shop.dump()

    def while_locked(db: object) -> None:
        db.execute("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
        with pytest.raises(OSError, match="somebody else"):
            shop.lead(effects, "post")

    shop.write(while_locked)
    assert shop.dump() == before


@pytest.mark.parametrize("name", ["../shop.db", "/etc/passwd", "", "link.db", "folder/shop.db", "pipe"])
def test_a_database_outside_the_workspace_is_not_touched(name: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = [renamed(effect, name) for effect in shop.act("UPDATE p SET a='A'")]
    outside = tmp_path / "shop.db"
    outside.write_bytes(shop.file.read_bytes())
    (shop.root / "link.db").symlink_to(outside)
    (shop.root / "folder").symlink_to(tmp_path)
    os.mkfifo(shop.root / "pipe")
    with pytest.raises((UnsupportedError, OSError)):
        shop.lead(effects, "post")
    assert outside.read_bytes() == shop.file.read_bytes()


def renamed(effect: Effect, name: str) -> Effect:
    sides = [
        None if side is None else {**side, "place": [name, side["place"][1]]} for side in (effect.pre, effect.post)
    ]
    return replace(effect, pre=sides[0], post=sides[1])
