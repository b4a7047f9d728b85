"""The journal on a database that several people write to: what one of them did is told, and taken back alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.effects.postgres.folding import fold
from sandbox.effects.postgres.journal import collect, install, mark
from sandbox.effects.rows import RowChange
from sandbox.effects.values import digest_only
from sandbox.model.effects import Class, Effect
from tests.databases.postgres import Store, store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
SETUP = "CREATE TABLE t(id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES(1,'a','b'),(2,'a','b'),(3,'a','b')"


@pytest.fixture
def shop(postgres: Server, tmp_path: Path) -> Iterator[Store]:
    with store(postgres, tmp_path, SETUP) as found:
        with found.connect() as db:
            install(db)
            for who in ("ann", "ben"):
                name = f"{who}_{found.session}"
                db.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT ALL ON public.t TO {name}")
                db.execute(f"GRANT CONNECT ON DATABASE {found.name} TO {name}")
        yield found
        with found.connect() as db:
            for who in ("ann", "ben"):
                db.execute(f"DROP OWNED BY {who}_{found.session}; DROP ROLE {who}_{found.session}")


def run(shop: Store, *statements: tuple[str, str]) -> list[Effect]:
    """What each of them did, one statement after the other; what Ann's effects are."""
    with shop.connect() as db:
        since = mark(db)
        for who, statement in statements:
            conninfo = shop.server.conninfo(shop.name, f"{who}_{shop.session}", "x")
            with psycopg.connect(conninfo, autocommit=True) as there:
                there.execute(statement)  # type: ignore[arg-type]
        return collect(db, "shop", since, shop.blobs.put_bytes, 100, who=f"ann_{shop.session}")


def test_what_one_did_is_taken_back_and_what_others_did_stays(shop: Store) -> None:
    effects = run(
        shop,
        ("ann", "UPDATE t SET a='A' WHERE id<3"),
        ("ben", "UPDATE t SET b='B' WHERE id<3"),
        ("ann", "INSERT INTO t VALUES(4,'A','A')"),
        ("ben", "INSERT INTO t VALUES(5,'B','B')"),
        ("ann", "DELETE FROM t WHERE id=3"),
    )
    assert [effect.op for effect in effects] == ["update", "update", "insert", "delete"]
    shop.lead(effects, "pre")
    assert shop.dump()["public.t"] == [("1", "a", "B"), ("2", "a", "B"), ("3", "a", "b"), ("5", "B", "B")]
    shop.lead(effects, "post")
    assert shop.dump()["public.t"] == [("1", "A", "B"), ("2", "A", "B"), ("4", "A", "A"), ("5", "B", "B")]


def test_a_row_that_two_wrote_in_turns_is_refused(shop: Store) -> None:
    effects = run(
        shop,
        ("ann", "UPDATE t SET a='1' WHERE id=1"),
        ("ben", "UPDATE t SET a='2' WHERE id=1"),
        ("ann", "UPDATE t SET a='3' WHERE id=1"),
    )
    assert [(effect.cls, effect.residue) for effect in effects] == [
        (Class.UNKNOWN, ("others wrote to the same row in between: 1",))
    ]


def test_what_a_rolled_back_transaction_did_is_not_in_the_journal(shop: Store) -> None:
    assert run(shop, ("ann", "BEGIN; DELETE FROM t; ROLLBACK")) == []


def test_who_writes_may_not_look_into_the_journal(shop: Store) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(shop, ("ann", "SELECT * FROM sandbox_journal.rows"))


def test_folding_tells_each_row_once() -> None:
    entries = [
        (None, ("1", "a")),
        (("1", "a"), ("1", "b")),
        (("2", "x"), ("3", "x")),
        (("3", "x"), ("2", "x")),
        (("4", "x"), None),
        (None, ("4", "y")),
    ]
    found = [*fold(("d", "s", "t"), ("id", "v"), ("id",), entries, digest_only)]  # type: ignore[arg-type]
    assert [(change.op, change.key) for change in found if isinstance(change, RowChange)] == [
        ("insert", {"id": "1"}),
        ("update", {"id": "4"}),
    ]
