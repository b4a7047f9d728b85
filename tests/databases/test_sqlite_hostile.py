"""A database that a program made to hurt whoever reads it: attacks first, and what becomes of them."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import sqlite3
import struct
import time
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.sqlite.capture import At, Bounds, diff, read_effects
from sandbox.effects.sqlite.opening import connect
from sandbox.model.effects import Class
from tests.databases.sqlite import Shop

TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES(1,'x')"


def forge_super_journal(shop: Shop, victim: Path) -> None:
    """Leaves a journal as a crash leaves it, which names `victim` as the file that held several journals together."""
    db = apsw.Connection(str(shop.file))
    db.execute("BEGIN; UPDATE t SET a='y'")
    db.cache_flush()
    files = {end: Path(f"{shop.file}{end}").read_bytes() for end in ("", "-journal")}
    db.execute("ROLLBACK")
    db.close()
    name = os.fsencode(victim)
    end = struct.pack(">II", len(name), sum(name)) + b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
    journal = bytearray(files["-journal"])
    # One page was saved; a journal that was not flushed says 0.
    journal[8:12] = struct.pack(">I", 1)
    page = 0x40000000 // 4096 + 1
    shop.file.write_bytes(files[""])
    Path(f"{shop.file}-journal").write_bytes(bytes(journal) + struct.pack(">I", page) + name + end)


@pytest.mark.skipif(sqlite3.sqlite_version_info > (3, 40, 1), reason="later ones look more closely at the name")
def test_a_forged_journal_has_sqlite_delete_any_file(tmp_path: Path) -> None:
    shop, victim = Shop(tmp_path, TABLE), tmp_path / "victim"
    victim.write_text("precious")
    forge_super_journal(shop, victim)
    with contextlib.closing(sqlite3.connect(shop.file)) as db:
        assert db.execute("SELECT a FROM t").fetchall() == [("x",)]
    assert not victim.exists()


def test_a_forged_journal_is_refused_and_deletes_nothing(tmp_path: Path) -> None:
    shop, victim = Shop(tmp_path, TABLE), tmp_path / "victim"
    effects = shop.act("UPDATE t SET a='z'")
    victim.write_text("precious")
    forge_super_journal(shop, victim)
    with pytest.raises(UnsupportedError, match="super-journal"):
        connect(shop.file, 1)
    with pytest.raises(UnsupportedError, match="super-journal"):
        shop.lead(effects, "post")
    (found,) = shop.compare(shop.branch / "shop.db")
    assert found.cls == Class.UNKNOWN
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("what", ["symlink", "fifo", "folder", "socket", "wal_symlink", "text", "empty_page"])
def test_what_is_no_plain_database_is_unknown_and_not_followed(what: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, TABLE)
    copy, secret = shop.branch / "shop.db", tmp_path / "secret"
    secret.write_bytes(shop.file.read_bytes())
    if what == "symlink":
        copy.symlink_to(secret)
    elif what == "fifo":
        os.mkfifo(copy)
    elif what == "folder":
        copy.mkdir()
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(copy))
    elif what == "wal_symlink":
        shop.copy()
        Path(f"{copy}-wal").symlink_to(secret)
    elif what == "text":
        copy.write_text("no database" * 1000)
    else:
        copy.write_bytes(b"SQLite format 3\0" + bytes(4080))
    (found,) = shop.compare(copy)
    assert (found.cls, found.pre, found.post) == (Class.UNKNOWN, None, None)
    assert "cannot be read" in found.residue[0]


@pytest.mark.parametrize("path", ["link/shop.db", "../workspace/shop.db", "a/../../workspace/shop.db", "", ".."])
def test_a_link_on_the_way_to_a_database_is_not_followed(path: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, TABLE)
    (shop.branch / "link").symlink_to(shop.root)
    (shop.branch / "a").mkdir()
    (found,) = diff(None, At(shop.branch, path), "shop.db", shop.blobs)
    assert (found.cls, "cannot be read" in found.residue[0]) == (Class.UNKNOWN, True)


def test_reading_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    copy = shop.copy()
    shop.write(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 50000) INSERT INTO t SELECT i, i FROM n",
        copy,
    )
    (found,) = diff(At(shop.root, "shop.db"), At(copy.parent, copy.name), "shop.db", shop.blobs, Bounds(seconds=0))
    assert (found.cls, "Interrupt" in found.residue[0]) == (Class.UNKNOWN, True)


def test_more_rows_than_allowed_are_refused(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    copy = shop.copy()
    shop.write("INSERT INTO t VALUES(1,1),(2,2),(3,3)", copy)
    assert len(diff(At(shop.root, "shop.db"), At(copy.parent, copy.name), "shop.db", shop.blobs, Bounds(rows=3))) == 3
    with pytest.raises(QuotaError, match="more than 2 rows"):
        diff(At(shop.root, "shop.db"), At(copy.parent, copy.name), "shop.db", shop.blobs, Bounds(rows=2))


def test_a_schema_runs_no_function_that_acts(tmp_path: Path) -> None:
    """Neither when a database is compared nor when rows are led: its triggers would otherwise be ours."""
    shop = Shop(tmp_path, f"{TABLE}; CREATE TABLE other(id INTEGER PRIMARY KEY)")
    effects = shop.act("UPDATE t SET a='y'")
    shop.write("CREATE TRIGGER mine AFTER UPDATE ON t BEGIN DELETE FROM other; SELECT load_extension('/tmp/x'); END")
    shop.write("INSERT INTO other VALUES(1)")
    shop.lead(effects, "post")
    db = connect(shop.file, 1)
    assert db.execute("SELECT * FROM other").fetchall() == [(1,)]
    for sql in ("SELECT load_extension('/tmp/x')", "UPDATE sqlite_schema SET sql=''", "ATTACH '/tmp/x' AS x"):
        with pytest.raises(apsw.Error):
            db.execute(sql)
    db.close()


def test_an_index_whose_expression_eats_memory_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "CREATE TABLE t(id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES(1,1)")
    effects = shop.act("UPDATE t SET n=400000000")
    shop.write("CREATE INDEX bomb ON t(hex(zeroblob(n)))")
    before = shop.dump()
    with pytest.raises(OSError, match="too big"):
        shop.lead(effects, "post")
    assert shop.dump() == before


@pytest.mark.parametrize("seed", range(6))
def test_spoilt_bytes_end_in_effects_or_in_unknown(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    shop = Shop(
        tmp_path, f"{TABLE}; CREATE INDEX i ON t(a); CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES('a')"
    )
    copy = shop.copy()
    spoilt = bytearray(copy.read_bytes())
    for _ in range(chance.choice((1, 10, 200))):
        spoilt[chance.randrange(100, len(spoilt))] = chance.randrange(256)
    copy.write_bytes(spoilt)
    begun = time.monotonic()
    assert shop.compare(copy), "the file changed: never nothing"
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("line", [
    b'{"resource":"sqlite:other.db#t/1","op":"insert","pre":null,"post":{"place":["other.db","t"],"key":{"id":1},"row":{"id":1}},"class":"REVERSIBLE"}',
    b'{"resource":"files:/etc/passwd","op":"insert","pre":null,"post":{"place":["shop.db","t"],"key":{},"row":{"a":{"sha256":"0"}}},"class":"PURE"}',
    b'{"resource":"sqlite:shop.db","op":"insert","pre":null,"post":{"place":["shop.db"],"key":{"a":1},"row":{"a":[1]}},"class":"REVERSIBLE"}',
    b'{"resource":"sqlite:shop.db","op":"x","pre":null,"post":null,"class":"REVERSIBLE"}',
    b"[" * 100_000,
    b"\xff",
    b"",
])  # fmt: skip
def test_an_answer_that_speaks_of_anything_else_is_not_believed(line: bytes, tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", 1 << 20)
    (found,) = read_effects(line + b"\nend\n", "shop.db", blobs, 10)
    assert (found.cls, found.resource) == (Class.UNKNOWN, "sqlite:shop.db#")
    assert read_effects(line, "shop.db", blobs, 10)[0].cls == Class.UNKNOWN


@given(st.binary(max_size=300))
def test_any_answer_at_all_is_effects_or_unknown(output: bytes) -> None:
    (found,) = read_effects(output, "shop.db", None, 10)  # type: ignore[arg-type]
    assert found.cls == Class.UNKNOWN
