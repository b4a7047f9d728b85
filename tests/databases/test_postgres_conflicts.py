"""Somebody else writes in between, or the connection is lost: nothing is half done, and nothing foreign overwritten."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.postgres.live import InDoubtError, PostgresLive
from sandbox.errors import SetupError
from tests.databases.conflicts import meets_a_conflict
from tests.databases.postgres import Store, store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
SETUP = """CREATE TABLE p(id int PRIMARY KEY, a text, b text, c text);
INSERT INTO p VALUES(1,'a','b','c'),(2,'a','b','c'),(3,'a','b','c');
CREATE TABLE k(id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE); INSERT INTO k VALUES(1,1);
CREATE TABLE u(id int PRIMARY KEY, name text UNIQUE); INSERT INTO u VALUES(1,'x');
CREATE TABLE bare(a int, b int); INSERT INTO bare VALUES(1,2),(3,4)"""

CONFLICTS = [
    ("UPDATE p SET a='A' WHERE id=1", "UPDATE p SET a='other' WHERE id=1", ["a"]),
    ("UPDATE p SET a='A'", "UPDATE p SET a='other' WHERE id<3", ["a", "a"]),
    ("UPDATE p SET a='A' WHERE id=2", "DELETE FROM p WHERE id=2", ["row"]),
    ("DELETE FROM p WHERE id=2", "INSERT INTO p VALUES(2,'a','b','other')", ["row"]),
    ("INSERT INTO p VALUES(9,'1','2','3')", "UPDATE p SET c='other' WHERE id=9", ["c"]),
    ("INSERT INTO p VALUES(9,'1','2','3')", "INSERT INTO k VALUES(2,9)", ["foreign key"]),
    ("UPDATE k SET p=NULL WHERE id=1", "DELETE FROM p WHERE id=1", ["foreign key"]),
    ("DELETE FROM u WHERE id=1", "INSERT INTO u VALUES(2,'x')", ["u_name_key"]),
    ("UPDATE bare SET b=9 WHERE a=1", "UPDATE bare SET b=8 WHERE a=1", ["row"]),
    ("UPDATE bare SET b=9 WHERE a=1", "INSERT INTO bare VALUES(1,9)", ["row"]),
    ("DELETE FROM p WHERE id=2", "ALTER TABLE p DROP COLUMN c", ["table"]),
    ("DELETE FROM p WHERE id=2", "DROP TABLE p CASCADE", ["table"]),
    ("INSERT INTO p VALUES(9,'1','2','3')", "ALTER TABLE p ADD COLUMN d int DEFAULT 5", ["columns"]),
]
SURVIVES = [
    ("UPDATE p SET a='A' WHERE id=1", "UPDATE p SET b='other' WHERE id=1", "UPDATE p SET b='other' WHERE id=1"),
    ("UPDATE p SET a='A'", "INSERT INTO p VALUES(4,'a','5','6')", "INSERT INTO p VALUES(4,'a','5','6')"),
    ("DELETE FROM p WHERE id=2", "INSERT INTO p VALUES(2,'a','b','c')", "SELECT 1"),
    ("UPDATE bare SET b=9 WHERE a=1", "UPDATE bare SET b=8 WHERE a=3", "UPDATE bare SET b=8 WHERE a=3"),
]


@pytest.fixture
def shop(postgres: Server, tmp_path: Path) -> Iterator[Store]:
    with store(postgres, tmp_path, SETUP) as found:
        yield found


@pytest.mark.parametrize(("act", "foreign", "facets"), CONFLICTS)
def test_a_foreign_write_is_a_conflict_and_changes_nothing(
    act: str, foreign: str, facets: list[str], shop: Store
) -> None:
    meets_a_conflict(shop, act, foreign, facets)


@pytest.mark.parametrize(("act", "foreign", "same"), SURVIVES)
def test_a_foreign_write_to_something_else_survives_an_undo(act: str, foreign: str, same: str, shop: Store) -> None:
    effects = shop.act(act)
    shop.write(same)
    expected = shop.dump()
    shop.write(f"DROP TABLE p, k, u, bare; {SETUP}")
    shop.lead(effects, "post")
    shop.write(foreign)
    shop.lead(effects, "pre")
    assert shop.dump() == expected


def test_numbers_of_a_sequence_are_not_given_twice_after_a_commit(postgres: Server, tmp_path: Path) -> None:
    with store(postgres, tmp_path, "CREATE TABLE t(id serial PRIMARY KEY, a int)") as shop:
        effects = shop.act("INSERT INTO t(a) VALUES(1),(2)")
        shop.lead(effects, "post")
        shop.write("INSERT INTO t(a) VALUES(3)")
        assert [row[0] for row in shop.dump()["public.t"]] == ["1", "2", "3"]
        applied = shop.live.apply(effects, "pre", shop.notes)
        assert applied.residue == ("the sequence public.t_id_seq is not led back",)
        shop.write("INSERT INTO t(a) VALUES(4)")
        assert [row[0] for row in shop.dump()["public.t"]] == ["3", "4"]


def test_another_databases_effects_are_refused(shop: Store) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    live = PostgresLive(shop.server.conninfo(shop.name), "other", shop.blobs)
    with pytest.raises(UnsupportedError):
        live.apply(effects, "post", shop.notes)


def test_without_the_right_to_keep_triggers_off_nothing_is_done(shop: Store) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    before = shop.dump()
    role = f"plain_{shop.session}"
    shop.write(f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    shop.write(f"GRANT CONNECT ON DATABASE {shop.name} TO {role}")
    live = PostgresLive(shop.server.conninfo(shop.name, role, "x"), "shop", shop.blobs)
    with pytest.raises(SetupError, match="triggers would act"):
        live.apply(effects, "post", shop.notes)
    assert shop.dump() == before
    shop.write(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_lock_that_others_hold_is_an_error_and_changes_nothing(shop: Store) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    live = PostgresLive(shop.server.conninfo(shop.name), "shop", shop.blobs, seconds=0.2)
    with shop.connect() as other, other.transaction():
        other.execute("UPDATE p SET b='held' WHERE id=2")
        with pytest.raises(OSError, match="lock"):
            live.apply(effects, "post", shop.notes)
    assert [row[1] for row in shop.dump()["public.p"]] == ["a", "a", "a"]


def test_a_deadlock_is_tried_again_once_the_other_is_done(shop: Store) -> None:
    effects = shop.act("UPDATE p SET a='A' WHERE id IN (1, 2)")
    conninfo = make_conninfo(shop.server.conninfo(shop.name), options="-c deadlock_timeout=20ms")
    live = PostgresLive(conninfo, "shop", shop.blobs, seconds=20)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with shop.connect() as other, shop.connect() as watch:
        other.execute("SET deadlock_timeout = '60s'; BEGIN; UPDATE p SET b='other' WHERE id=2")
        applying = threading.Thread(target=live.apply, args=(effects, "post", shop.notes))
        applying.start()
        while watch.execute(waiting).fetchall() == [(0,)]:
            pass
        other.execute("UPDATE p SET b='other' WHERE id=1; COMMIT")
        applying.join()
    assert shop.live.verify(effects, "post") == []
    assert [row[2] for row in shop.dump()["public.p"]] == ["other", "other", "b"]


def test_a_connection_that_is_ended_before_the_commit_changes_nothing(shop: Store) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    before = shop.dump()

    def note(kind: str, body: Mapping[str, object], *, durable: bool = False) -> None:
        shop.notes(kind, body, durable=durable)
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        shop.write(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")

    with pytest.raises(OSError, match="not committed"):
        shop.live.apply(effects, "post", note)
    assert shop.dump() == before
    assert shop.live.recover(shop.notes.written[0][1], shop.notes) == "pre"


def test_a_process_that_is_killed_before_its_commit_has_changed_nothing(shop: Store, tmp_path: Path) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    before, journal = shop.dump(), tmp_path / "xid"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:

        def note(kind: str, body: Mapping[str, object], *, durable: bool = False) -> None:
            journal.write_text(str(body["xid"]), encoding="ascii")
            os.kill(os.getpid(), signal.SIGKILL)

        shop.live.apply(effects, "post", note)
        os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    begun = {"to": "post", "xid": journal.read_text(encoding="ascii"), "list": [each.to_json() for each in effects]}
    assert shop.live.recover(begun, shop.notes) == "pre"
    assert shop.dump() == before


@pytest.mark.parametrize("server", ["answers", "is gone"])
def test_a_connection_that_is_lost_while_it_commits_is_asked_about(server: str, shop: Store, tmp_path: Path) -> None:
    effects = shop.act("UPDATE p SET a='A'")
    with losing_commits(shop.server.folder, tmp_path / "proxy", once=server == "answers") as folder:
        conninfo = make_conninfo(shop.server.conninfo(shop.name), host=str(folder))
        live = PostgresLive(conninfo, "shop", shop.blobs, seconds=1)
        if server == "answers":
            assert live.apply(effects, "post", shop.notes).written == 3
        else:
            with pytest.raises(InDoubtError):
                live.apply(effects, "post", shop.notes)
    assert shop.live.recover(shop.notes.written[0][1], shop.notes) == "post"
    assert shop.live.verify(effects, "post") == []


@contextlib.contextmanager
def losing_commits(server: Path, folder: Path, *, once: bool) -> Iterator[Path]:
    """Passes everything on, and hangs up where a COMMIT was passed on; after that nobody is let in, or everybody."""
    folder.mkdir()
    lost = threading.Event()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / ".s.PGSQL.5432"))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                if lost.is_set() and not once:
                    client.close()
                    continue
                threading.Thread(target=carry, args=(client,), daemon=True).start()

        def carry(client: socket.socket) -> None:
            with client, socket.socket(socket.AF_UNIX) as up:
                up.connect(str(server / ".s.PGSQL.5432"))
                while True:
                    for ready in select.select([client, up], [], [])[0]:
                        data = ready.recv(1 << 16)
                        if not data:
                            return
                        (up if ready is client else client).sendall(data)
                        if ready is client and b"COMMIT" in data and not lost.is_set():
                            up.recv(1 << 16)
                            lost.set()
                            return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield folder
        listening.shutdown(socket.SHUT_RDWR)


def test_a_branch_cannot_be_made_while_others_are_connected_and_nobody_is_thrown_out(shop: Store) -> None:
    with shop.connect() as other:
        with pytest.raises(SetupError, match="others are connected"):
            shop.branches.open()
        assert other.execute("SELECT 1").fetchall() == [(1,)]
    with pytest.raises(psycopg.OperationalError), shop.connect(f"sandbox_{shop.session}_template"):
        pass
