"""What an open transaction of PostgreSQL's did is told row by row and led back, or told as unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.effects.adapter import QuotaError, StatementError
from sandbox.effects.postgres.held import Held
from sandbox.effects.postgres.pending import Watched
from sandbox.model.effects import Class
from tests.databases.postgres import Store, store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
SETUP = """
CREATE TABLE t(id int PRIMARY KEY, a text); INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 50) i;
CREATE TABLE bare(a text, b int); INSERT INTO bare VALUES ('x', 1), ('y', 2);
CREATE TABLE log(id serial PRIMARY KEY, what text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO log(what) VALUES (TG_OP); RETURN NULL; END $$;
CREATE TABLE watched(id int PRIMARY KEY);
CREATE TRIGGER n AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE late(id int PRIMARY KEY);
CREATE CONSTRAINT TRIGGER l AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE parts(id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE high PARTITION OF parts FOR VALUES FROM (10) TO (20); INSERT INTO parts VALUES (1, 1), (11, 11);
CREATE TABLE big(id int PRIMARY KEY, v text); INSERT INTO big VALUES (1, repeat('x', 200000));
CREATE TABLE secret(id int PRIMARY KEY); CREATE TABLE mine(id int PRIMARY KEY, who text);
ALTER TABLE mine ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON mine USING (who = 'clerk');
INSERT INTO mine VALUES (1, 'clerk'), (2, 'boss');
"""


@pytest.fixture(scope="module")
def shop(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store(postgres, tmp_path_factory.mktemp("pending"), SETUP) as found:
        found.write("CREATE ROLE pending_clerk LOGIN PASSWORD 'x'")
        found.write(f"GRANT CONNECT ON DATABASE {found.name} TO pending_clerk")
        yield found
        found.write("DROP OWNED BY pending_clerk")
        found.write("DROP ROLE pending_clerk")


@pytest.fixture
def transaction(shop: Store) -> Iterator[Held]:
    shop.write("GRANT ALL ON ALL TABLES IN SCHEMA public TO pending_clerk")
    shop.write("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO pending_clerk")
    shop.write("GRANT ALL ON SCHEMA public TO pending_clerk; REVOKE SELECT ON secret FROM pending_clerk")
    watched = Watched(shop.server.conninfo(shop.name), "shop", shop.blobs.put_bytes)
    found = Held(shop.server.conninfo(shop.name, "pending_clerk", "x"), ttl=60, watched=watched)
    found.begin("a")
    yield found
    found.rollback()


@pytest.mark.parametrize(
    ("statements", "count"),
    [
        (
            [
                "UPDATE t SET a = 'new' WHERE id <= 3",
                "INSERT INTO t VALUES (99, 'x')",
                "DELETE FROM t WHERE id IN (49, 50)",
            ],
            6,
        ),
        (["UPDATE t SET id = 100 WHERE id = 1"], 2),
        (["UPDATE t SET a = a"], 0),
        (["DELETE FROM t WHERE id = 5", "INSERT INTO t VALUES (5, 'row 5')"], 0),
        (["INSERT INTO t VALUES (60, 'x')", "DELETE FROM t WHERE id = 60"], 0),
        (["UPDATE t SET a = 'once' WHERE id = 1", "UPDATE t SET a = 'twice' WHERE id = 1"], 1),
        (["SELECT * FROM t FOR UPDATE"], 0),
        (["UPDATE bare SET b = 3 WHERE a = 'x'", "INSERT INTO bare VALUES ('z', NULL)"], 3),
        (["INSERT INTO watched VALUES (1)"], 3),
        (["INSERT INTO late VALUES (1)"], 3),
        (["UPDATE parts SET id = 12 WHERE id = 1"], 2),
        (["UPDATE big SET v = repeat('y', 200000)"], 1),
        (["DO $$ BEGIN BEGIN DELETE FROM t; RAISE 'x'; EXCEPTION WHEN OTHERS THEN DELETE FROM bare; END; END $$"], 2),
        (["WITH gone AS (DELETE FROM t WHERE id < 3 RETURNING id) SELECT count(*) FROM gone"], 2),
    ],
)
def test_rows_are_told_once_each_and_led_back_after_the_commit(
    statements: list[str], count: int, shop: Store, transaction: Held
) -> None:
    before = shop.dump()
    for statement in statements:
        transaction.answer(statement, 1000)
    effects = transaction.effects("a", 1000)
    assert shop.dump() == before
    assert len(effects) == count and all(each.cls <= Class.RESIDUE for each in effects), effects
    transaction.commit()
    assert not effects or shop.dump() != before
    shop.live.apply(effects, "pre", shop.notes)
    after = shop.dump()
    assert {name: rows for name, rows in after.items() if "seq" not in name} == {
        name: rows for name, rows in before.items() if "seq" not in name
    }


def test_what_others_commit_meanwhile_is_not_told(shop: Store, transaction: Held) -> None:
    transaction.answer("UPDATE t SET a = 'ours' WHERE id = 10", 0)
    shop.write("UPDATE t SET a = 'theirs' WHERE id = 11; DELETE FROM t WHERE id = 12; INSERT INTO t VALUES (300, 'x')")
    assert [each.resource for each in transaction.effects("a")] == ["postgres:shop#public.t/10"]


def test_a_row_that_others_changed_since_the_beginning_is_not_overwritten(shop: Store, transaction: Held) -> None:
    shop.write("UPDATE t SET a = 'theirs' WHERE id = 20")
    with pytest.raises(StatementError, match="concurrent update"):
        transaction.answer("UPDATE t SET a = 'ours' WHERE id = 20", 0)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE TABLE new(id int)", "the schema was changed"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "the schema was changed"),
        ("TRUNCATE bare", "changed as a whole"),
        ("INSERT INTO secret VALUES (1)", "may not read"),
        ("UPDATE mine SET who = who || ''", "may not read"),
        ("SELECT lo_from_bytea(0, 'x')", "the schema was changed"),
    ],
)
def test_what_rows_cannot_tell_is_unknown(statement: str, what: str, shop: Store, transaction: Held) -> None:
    transaction.answer(statement, 0)
    effects = transaction.effects("a")
    assert max(each.cls for each in effects) is Class.UNKNOWN
    assert any(what in why for each in effects for why in each.residue)


def test_temporary_tables_named_as_catalogs_hide_nothing(shop: Store, transaction: Held) -> None:
    for name in ("pg_stat_xact_user_tables", "pg_stat_xact_sys_tables", "pg_locks", "pg_class"):
        transaction.answer(f"CREATE TEMP TABLE {name} AS SELECT * FROM pg_catalog.{name} WHERE false", 0)
    transaction.answer("DELETE FROM t WHERE id = 30", 0)
    effects = transaction.effects("a")
    assert max(each.cls for each in effects) is Class.UNKNOWN
    assert "postgres:shop#public.t/30" in [each.resource for each in effects]


def test_settings_are_as_the_statements_left_them(transaction: Held) -> None:
    transaction.answer("SET LOCAL search_path = public", 0)
    transaction.effects("a")
    assert transaction.answer("SHOW search_path", 100) == b"" and transaction.query("SELECT count(*) >= 0 FROM t")


def test_more_rows_than_allowed_are_refused(transaction: Held) -> None:
    transaction.answer("UPDATE t SET a = a || 'x'", 0)
    with pytest.raises(QuotaError, match="more than 10"):
        transaction.effects("a", 10)


def test_functions_of_a_query_act_for_rows_that_are_not_shown_as_well(shop: Store, transaction: Held) -> None:
    transaction.answer("CREATE SEQUENCE s", 0)
    assert len(transaction.answer("SELECT nextval('s') FROM generate_series(1, 5000)", 10)) == 10
    assert transaction.query("SELECT last_value FROM s") == [(5000,)]


@pytest.mark.parametrize("statement", ["COPY t TO PROGRAM 'id'", "COPY t FROM '/etc/passwd'", "SET ROLE postgres"])
def test_the_role_reaches_nothing_else(statement: str, transaction: Held) -> None:
    with pytest.raises(StatementError):
        transaction.answer(statement, 0)
