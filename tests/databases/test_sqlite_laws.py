"""Laws that hold for any rows, any tables and any order of statements."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.effects.adapter import ConflictError, StatementError
from sandbox.effects.sqlite.child import compare
from sandbox.effects.sqlite.held import Held
from sandbox.effects.values import decode, encode
from sandbox.model.effects import Class, Effect
from tests.databases.sqlite import Shop

KEYS = [
    "CREATE TABLE t(k INTEGER PRIMARY KEY, a, b TEXT, c REAL)",
    "CREATE TABLE t(k TEXT PRIMARY KEY, a, b INT, c BLOB)",
    "CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, a COLLATE NOCASE, b NUMERIC, c)",
    "CREATE TABLE t(k PRIMARY KEY, a, b, c) WITHOUT ROWID",
    "CREATE TABLE t(k, a INT, b, c, PRIMARY KEY(k, a)) WITHOUT ROWID",
    "CREATE TABLE t(k, a, b, c)",
    "CREATE TABLE t(k INTEGER PRIMARY KEY, a UNIQUE, b, c)",
    "CREATE TABLE t(k INTEGER PRIMARY KEY, a, b, c, d AS (typeof(a)) STORED)",
]
SQL_VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0.0, -0.0, 1.0, 1e300, float("inf"), 2.5]),
    st.sampled_from(["", "a", "A", "b ", "1", "1.0", "é\0x"]),
    st.sampled_from([b"", b"a", b"\xff\0"]),
)
KEYS_OF_ROWS = st.one_of(st.integers(-2, 4), st.sampled_from(["a", "A", "1", b"a"]))
ROW = st.tuples(KEYS_OF_ROWS, SQL_VALUES, SQL_VALUES, SQL_VALUES)
OPS = st.lists(
    st.one_of(
        st.tuples(st.just("INSERT OR IGNORE INTO t(k,a,b,c) VALUES(?1,?2,?3,?4)"), ROW),
        st.tuples(st.just("INSERT OR REPLACE INTO t(k,a,b,c) VALUES(?1,?2,?3,?4)"), ROW),
        st.tuples(st.just("UPDATE OR IGNORE t SET a=?2, c=?4 WHERE k=?1 OR b=?3"), ROW),
        st.tuples(st.just("UPDATE OR IGNORE t SET k=?2 WHERE k=?1 AND (1 OR ?3 OR ?4)"), ROW),
        st.tuples(st.just("DELETE FROM t WHERE k=?1 OR a IS ?2 AND (1 OR ?3 OR ?4)"), ROW),
    ),
    max_size=12,
)


class World:
    """A shop in memory-backed files, where an action's effects are found without another process."""

    def __init__(self, folder: Path, table: str) -> None:
        self.shop = Shop(folder, table)
        self._folder = folder

    def do(self, ops: list[tuple[str, tuple[object, ...]]], file: Path) -> None:
        db = apsw.Connection(str(file))
        for sql, values in ops:
            # A key that a table's type forbids is one statement fewer.
            with contextlib.suppress(apsw.MismatchError, apsw.ConstraintError):
                db.execute(sql, values)  # type: ignore[arg-type]
        db.close()

    def act(self, ops: list[tuple[str, tuple[object, ...]]]) -> list[Effect]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            for side in ("pre", "post"):
                shutil.copy(self.shop.file, Path(folder) / side)
            self.do(ops, Path(folder) / "post")
            self.after = self.shop.dump(Path(folder) / "post")
            return compare(Path(folder), "shop.db", 1000, 10, changed=False)


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="sandbox-databases-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def world(memory: Path, table: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        found = World(Path(folder), table)
        yield found
        found.shop.blobs.close()


def check_laws(memory: Path, table: str, before: list, act: list, foreign: list) -> None:  # type: ignore[type-arg]
    with world(memory, table) as each:
        shop = each.shop
        each.do(before, shop.file)
        pre = shop.dump()
        effects = each.act(act)
        post = each.after
        assert (pre == post) == (not effects)
        for side, there in (("post", post), ("post", post), ("pre", pre), ("pre", pre), ("post", post)):
            shop.lead(effects, side)
            assert shop.dump() == there
        assert [Effect.from_json(effect.to_json()) for effect in effects] == effects
        each.do(foreign, shop.file)
        there = shop.dump()
        expected = shop.live.check(effects, "pre")
        try:
            shop.lead(effects, "pre")
        except ConflictError as error:
            assert list(error.differences) == expected != []
            assert shop.dump() == there
        else:
            assert expected == []
            assert shop.live.verify(effects, "pre") == []


@settings(max_examples=60, deadline=None)
@given(table=st.sampled_from(KEYS), before=OPS, act=OPS, foreign=OPS)
def test_undo_and_redo_are_exact_and_idempotent_and_never_half_done(
    memory: Path, table: str, before: list, act: list, foreign: list
) -> None:  # type: ignore[type-arg]
    check_laws(memory, table, before, act, foreign)


@pytest.mark.campaign
@settings(max_examples=int(os.environ.get("LAWS", "200")), deadline=None)
@given(table=st.sampled_from(KEYS), before=OPS, act=OPS, foreign=OPS)
def test_the_same_for_a_long_time(memory: Path, table: str, before: list, act: list, foreign: list) -> None:  # type: ignore[type-arg]
    check_laws(memory, table, before, act, foreign)


def check_recording(memory: Path, table: str, before: list, act: list) -> None:  # type: ignore[type-arg]
    with world(memory, table) as each:
        shop = each.shop
        each.do([(sql, tuple(0.0 if repr(v) == "-0.0" else v for v in values)) for sql, values in before], shop.file)
        pre = shop.dump()
        transaction = Held(shop.file, "shop.db", shop.blobs.put_bytes, ttl=60)
        transaction.begin("a")
        for sql, values in act:
            # A session takes -0.0 for 0.0; see recorded.py.
            plain = [0.0 if isinstance(value, float) and value == 0 else value for value in values]
            with contextlib.suppress(StatementError):
                transaction.execute(sql, plain)
        effects = transaction.effects("a")
        transaction.commit()
        post = shop.dump()
        assert effects or pre == post
        if any(effect.cls == Class.UNKNOWN for effect in effects):
            return
        for side, there in (("pre", pre), ("pre", pre), ("post", post), ("pre", pre)):
            shop.lead(effects, side)
            assert shop.dump() == there


@settings(max_examples=60, deadline=None)
@given(table=st.sampled_from(KEYS), before=OPS, act=OPS)
def test_what_a_transaction_recorded_is_exact_or_unknown(memory: Path, table: str, before: list, act: list) -> None:  # type: ignore[type-arg]
    check_recording(memory, table, before, act)


@given(st.one_of(SQL_VALUES, st.floats(allow_nan=False), st.text(), st.binary()))
def test_a_value_is_read_back_as_it_was(value: object) -> None:
    found = decode(encode(value), lambda _: b"")  # type: ignore[arg-type]
    assert (type(found), repr(found)) == (type(value), repr(value))


@given(st.one_of(SQL_VALUES, st.floats(allow_nan=False)), st.one_of(SQL_VALUES, st.floats(allow_nan=False)))
def test_two_values_have_one_notation_only_where_they_are_one(one: object, other: object) -> None:
    same = (type(one), repr(one)) == (type(other), repr(other))
    assert (encode(one) == encode(other)) == same  # type: ignore[arg-type]
