"""What a program in a branch may try, with the role, the password and the socket that it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.postgres.branch import Branches, sweep
from sandbox.effects.postgres.catalog import probe
from sandbox.errors import SetupError
from sandbox.model.effects import Class
from tests.databases.postgres import Store, store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
SETUP = "CREATE TABLE t(id int PRIMARY KEY, a int); INSERT INTO t VALUES(1,1)"
REFUSED = [
    "SELECT * FROM sandbox_journal.rows",
    "DELETE FROM sandbox_journal.rows",
    "TRUNCATE sandbox_journal.ddl",
    "DROP SCHEMA sandbox_journal CASCADE",
    "DROP EVENT TRIGGER sandbox_journal_altered",
    "ALTER EVENT TRIGGER sandbox_journal_altered DISABLE",
    "CREATE OR REPLACE FUNCTION sandbox_journal.of_0() RETURNS trigger LANGUAGE sql AS ''",
    "SELECT setval('sandbox_journal.rows_id_seq', 1)",
    "SET session_replication_role = replica",
    "SET event_triggers = off",
    "COPY t TO PROGRAM 'id'",
    "COPY t FROM '/etc/passwd'",
    "COPY t TO '/tmp/x'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "CREATE EXTENSION dblink",
    "CREATE LANGUAGE plpython3u",
    "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/x', 'f'",
    "CREATE ROLE x SUPERUSER",
    "CREATE DATABASE x",
    "ALTER SYSTEM SET fsync = off",
    "SET ROLE postgres",
    "SET temp_file_limit = -1",
    "SET SESSION AUTHORIZATION postgres",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid()",
    "SELECT rolpassword FROM pg_authid",
]


@pytest.fixture(scope="module")
def shop(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store(postgres, tmp_path_factory.mktemp("shop"), SETUP) as found:
        yield found


def test_what_would_reach_the_journal_the_server_or_the_machine_is_refused(shop: Store) -> None:
    branch = shop.branches.open()
    with shop.inside(branch) as db, shop.connect("postgres"):
        for statement in REFUSED:
            with pytest.raises(psycopg.Error):
                db.execute(statement)  # type: ignore[arg-type]
                pytest.fail(statement)
    shop.branches.discard(branch)


@pytest.mark.parametrize("other", ["live", "postgres", "template1", "template", "neighbour"])
def test_a_role_reaches_its_own_clone_and_no_other_database(other: str, shop: Store) -> None:
    branch, neighbour = shop.branches.open(), shop.branches.open()
    names = {"live": shop.name, "template": f"sandbox_{shop.session}_template", "neighbour": neighbour.name}
    there = {**branch.environment, "PGDATABASE": names.get(other, other)}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host=there["PGHOST"], dbname=there["PGDATABASE"], user=there["PGUSER"], password=there["PGPASSWORD"]
        )
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=there["PGHOST"], dbname=branch.name, user="postgres", password=there["PGPASSWORD"])
    for each in (branch, neighbour):
        shop.branches.discard(each)


def test_a_server_whose_other_databases_are_open_to_everybody_is_refused_by_name(shop: Store) -> None:
    with shop.connect("postgres") as db:
        db.execute("GRANT CONNECT ON DATABASE template1 TO PUBLIC")
        try:
            with pytest.raises(SetupError, match="template1") as raised:
                shop.branches.open()
            assert raised.value.fix == 'REVOKE CONNECT ON DATABASE "template1" FROM PUBLIC'
        finally:
            db.execute("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC")
        left = db.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'sandbox%'").fetchall()
        assert left == [(0,)], "nothing is left of what was refused"


def test_a_program_that_still_runs_can_write_nothing_once_its_effects_are_collected(shop: Store) -> None:
    branch = shop.branches.open()
    daemon = shop.inside(branch)
    daemon.execute("UPDATE t SET a=2")
    effects = shop.branches.collect(branch, shop.blobs.put_bytes, 100)
    assert len(effects) == 1
    with pytest.raises(psycopg.OperationalError):
        daemon.execute("UPDATE t SET a=3")
    with pytest.raises(psycopg.OperationalError):
        shop.inside(branch)
    daemon.close()
    shop.branches.discard(branch)


def test_more_changes_than_allowed_are_refused(shop: Store) -> None:
    branch = shop.branches.open()
    with shop.inside(branch) as db:
        db.execute("INSERT INTO t SELECT i, i FROM generate_series(10, 20) i")
    with pytest.raises(QuotaError, match="more than 10"):
        shop.branches.collect(branch, shop.blobs.put_bytes, 10)
    shop.branches.discard(branch)


@pytest.mark.parametrize(
    ("setup", "named"),
    [
        ("CREATE EXTENSION dblink", "dblink"),
        ("CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw", "file_fdw"),
        ("CREATE FUNCTION run(text) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'", "run(text)"),
    ],
)
def test_what_reaches_out_of_a_database_keeps_it_from_being_branched(
    setup: str, named: str, postgres: Server, tmp_path: Path
) -> None:
    with store(postgres, tmp_path, setup) as shop:
        with pytest.raises(UnsupportedError, match="cannot be branched") as raised:
            shop.branches.open()
        assert named in raised.value.why


def test_a_probe_names_what_is_not_covered(postgres: Server, tmp_path: Path) -> None:
    setup = """CREATE TABLE bare(a int, g int GENERATED ALWAYS AS (a) STORED); CREATE SEQUENCE q;
    ALTER TABLE bare ENABLE ROW LEVEL SECURITY; CREATE MATERIALIZED VIEW m AS SELECT 1; SELECT lo_create(0)"""
    with store(postgres, tmp_path, setup) as shop, shop.connect() as db:
        found = {(finding.what, finding.cls) for finding in probe(db)}
    assert found == {
        ("public.bare", Class.REVERSIBLE),
        ("public.q", Class.RESIDUE),
        ("public.m", Class.UNKNOWN),
        ("large objects", Class.UNKNOWN),
        ("NOTIFY", Class.BUFFERED),
    }


def test_what_a_dead_process_left_is_swept_and_nothing_else(postgres: Server, tmp_path: Path) -> None:
    with store(postgres, tmp_path, SETUP) as shop:
        branch = shop.branches.open()
        Branches(shop.server.conninfo(shop.name), "shop", f"{shop.session}x").open()
        with shop.connect("postgres") as db:
            assert sorted(sweep(db, f"sandbox_{shop.session}_")) == sorted(
                [branch.name, f"sandbox_{shop.session}_template"]
            )
            assert len(sweep(db, f"sandbox_{shop.session}x_")) == 2
            with pytest.raises(ValueError, match="not ours"):
                sweep(db, "store")
