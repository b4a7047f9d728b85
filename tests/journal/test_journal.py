"""What is appended is there, in order, for good; on both stores."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import psycopg
import pytest

from sandbox.journal import merkle
from sandbox.journal.canonical import RecordError, encode
from sandbox.journal.journal import Entry, Journal
from sandbox.journal.note import Verifier
from sandbox.journal.redaction import commit
from sandbox.journal.sqlite import FILE
from sandbox.journal.store import StoreError
from sandbox.journal.verify import verify
from tests.journal.bodies import EXECUTED
from tests.journal.conftest import Opens

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def fill(journal: Journal, count: int, per_action: int = 3, session: str = "s") -> None:
    journal.append_many([Entry("clr", {"n": n}, f"a{n // per_action}", session) for n in range(count)])


def test_what_was_appended_comes_back_in_order(journal: Journal) -> None:
    body = {"landed": {"ino": 2**63, "mtime_ns": 1_700_000_000_123_456_789}, "é": [1.5, None, True]}
    first = journal.append("planned", {"argv": ["ls"]}, action="a", session="s", principal="me", traceparent=TRACE)
    second = journal.append("transition", body, action="a", durable=True)
    found = [*journal.records()]
    assert found == [first, second]
    assert [record.seq for record in found] == [0, 1]
    assert found[0].principal == "me"
    assert found[0].traceparent == TRACE
    assert found[1].body == body
    assert journal.size == 2


def test_a_new_journal_is_empty_and_its_root_is_that_of_no_records(journal: Journal) -> None:
    assert (journal.size, journal.root(), [*journal.records()], journal.actions()) == (0, merkle.EMPTY, [], [])
    assert journal.append_many([]) == []


def test_records_are_found_by_action_session_kind_and_place(journal: Journal) -> None:
    fill(journal, 9, session="one")
    journal.append("executed", EXECUTED, action="a1", session="two")
    assert [record.seq for record in journal.records(action="a1")] == [3, 4, 5, 9]
    assert [record.seq for record in journal.records(session="two")] == [9]
    assert [record.seq for record in journal.records(kinds=["executed"])] == [9]
    assert [record.seq for record in journal.records(after=7)] == [8, 9]
    assert [record.seq for record in journal.records(after=3, action="a1", session="one", kinds=("clr",))] == [4, 5]
    assert [*journal.records(kinds=[])] == []


def test_actions_are_listed_the_last_begun_first_and_by_pages(journal: Journal) -> None:
    fill(journal, 30, session="one")
    journal.append("undo_begin", {}, action="a0", session="one")
    journal.append("planned", {}, action="b", session="two")
    assert journal.actions(3) == ["b", "a9", "a8"]
    assert journal.actions(2, before="a8") == ["a7", "a6"]
    assert journal.actions(session="two") == ["b"]
    assert journal.actions(2, session="one", before="a1") == ["a0"]


def test_many_records_read_by_pages_are_all_there(journal: Journal) -> None:
    fill(journal, 1300)
    assert [record.body["n"] for record in journal.records()] == list(range(1300))


def test_records_that_come_while_reading_are_not_waited_for(journal: Journal) -> None:
    fill(journal, 3)
    seen = []
    for record in journal.records():
        seen.append(record.seq)
        journal.append("clr", {})
    assert seen == [0, 1, 2]


def test_the_tree_is_that_of_the_records_and_every_proof_holds(journal: Journal) -> None:
    fill(journal, 700)
    for n in range(5):
        journal.append("clr", {"n": n})
    leaves = [merkle.leaf_hash(encode(record)) for record in journal.records()]
    root, size = journal.root(), journal.size
    expected = merkle.Frontier()
    for leaf in leaves:
        expected.push(leaf)
    assert (expected.root(), size) == (root, 705)
    for seq in (0, 255, 256, 511, 700, 704):
        assert merkle.verify_inclusion(leaves[seq], seq, size, journal.inclusion(seq), root)
    for old in (0, 1, 255, 256, 300, 704, 705):
        before = merkle.Frontier()
        for leaf in leaves[:old]:
            before.push(leaf)
        assert merkle.verify_consistency(old, before.root(), size, root, journal.consistency(old))
    with pytest.raises(ValueError, match="no tree"):
        journal.inclusion(0, 706)


def test_a_checkpoint_is_signed_kept_and_of_this_root(journal: Journal) -> None:
    fill(journal, 10)
    note = journal.checkpoint()
    found = Verifier(journal.vkey).checkpoint(note)
    assert (found.origin, found.size, found.root) == (journal.origin, 10, journal.root())
    assert journal.checkpoint() == note
    assert journal.checkpoints() == [note]


def test_appends_make_at_most_one_checkpoint_a_second(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(20):
        journal.append("clr", {})
    assert journal.checkpoints() == []
    now += 1.5
    for _ in range(20):
        journal.append("clr", {})
    assert [Verifier(journal.vkey).checkpoint(note).size for note in journal.checkpoints()] == [21]


def test_a_journal_goes_on_where_it_was_closed(opens: Opens) -> None:
    first = opens()
    fill(first, 600)
    root, vkey = first.root(), first.vkey
    first.close()
    second = opens()
    assert (second.size, second.root(), second.vkey, second.interrupted) == (600, root, vkey, None)
    assert Verifier(vkey).checkpoint(second.checkpoints()[-1]).size == 600
    assert second.append("clr", {}).seq == 600


def test_several_journals_on_one_store_give_every_seq_once(opens: Opens) -> None:
    journals = [opens() for _ in range(3)]
    failures: list[BaseException] = []

    def work(journal: Journal, name: int) -> None:
        try:
            for n in range(40):
                journal.append("clr", {"n": n}, action=f"{name}-{n % 4}", durable=n % 10 == 0)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(each, n)) for n, each in enumerate(journals * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [record.seq for record in journals[0].records()] == list(range(240))
    assert len({journal.root() for journal in journals}) == 1
    assert all([r.body["n"] for r in journals[0].records(action=f"0-{k}")] == list(range(k, 40, 4)) for k in range(4))
    assert sorted(journals[1].actions(1000)) == sorted({r.action for r in journals[2].records()})


def test_a_backend_notes_on_its_own_action_only(journal: Journal) -> None:
    note = journal.noting("a", session="s", principal="me")
    note("transition", {"to": "post"}, durable=True)
    note("clr", {"undo_next": 0})
    assert [(r.kind, r.action, r.session, r.principal) for r in journal.records()] == [
        ("transition", "a", "s", "me"),
        ("clr", "a", "s", "me"),
    ]


@pytest.mark.parametrize(
    "after", [lambda j: j.append("clr", {"n": 1}), lambda j: j.size, lambda j: j.root(), lambda j: [*j.records()]]
)
def test_a_connection_that_broke_while_idle_is_made_anew(
    postgres: str, tmp_path: Path, after: Callable[[Journal], object]
) -> None:
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("set client_min_messages = warning")
        admin.execute("drop schema if exists journal cascade")
        with Journal(tmp_path, dsn=postgres) as journal:
            journal.append("clr", {"n": 0}, durable=True)
            text = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'journal'"
            assert len(admin.execute(text).fetchall()) == 2
            after(journal)
            found = [record.seq for record in journal.records()]
            assert found == list(range(len(found)))
            assert len(found) >= 1


def test_a_secret_that_is_too_large_is_refused(embedded: Opens) -> None:
    journal = embedded()
    with pytest.raises(StoreError):
        journal.commit("x" * (5 << 20))
    assert journal.append("clr", {}).seq == 0


def test_a_batch_is_whole_or_not_there(journal: Journal) -> None:
    with pytest.raises(RecordError):
        journal.append_many([Entry("clr", {}), Entry("clr", {"bad": b"bytes"})])
    assert journal.size == 0
    assert [record.seq for record in journal.append_many([Entry("clr", {}), Entry("held", {})])] == [0, 1]


def test_a_clock_that_is_set_back_changes_no_order(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5_000, 4_000, 3_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    for n in range(3):
        journal.append("clr", {"n": n})
    assert [(record.body["n"], record.ts) for record in journal.records()] == [(0, 5_000), (1, 4_000), (2, 3_000)]


def test_the_body_that_was_given_may_change_afterwards(journal: Journal) -> None:
    body = {"n": [1]}
    journal.append("clr", body)
    body["n"].append(2)
    assert [record.body for record in journal.records()] == [{"n": [1]}]


def test_a_secret_is_committed_to_and_can_be_forgotten_without_breaking_a_proof(journal: Journal) -> None:
    secret = {"token": "hunter2"}
    commitment, again = journal.commit(secret), journal.commit(secret)
    assert commitment != again
    journal.append("planned", {"argv": ["login", commitment]}, action="a")
    opening = journal.opening(commitment)
    assert opening is not None
    assert opening.opens(commitment)
    assert not opening.opens(again)
    assert opening.reveal() == secret
    note = journal.checkpoint()
    assert journal.forget(commitment)
    assert not journal.forget(commitment)
    assert journal.opening(commitment) is None
    assert journal.checkpoint() == note
    assert [record.body for record in journal.records()] == [{"argv": ["login", commitment]}]


def test_the_bytes_of_a_forgotten_secret_are_in_no_file_of_the_journal(embedded: Opens) -> None:
    journal = embedded()
    needle = "a-very-secret-value-" * 20
    commitment = journal.commit(needle)
    files = [journal.folder / FILE, journal.folder / f"{FILE}-wal"]
    assert any(needle.encode() in file.read_bytes() for file in files)
    journal.forget(commitment)
    assert not any(needle.encode() in file.read_bytes() for file in files)


def test_a_value_can_be_committed_to_without_a_journal() -> None:
    opening = commit({"b": 1, "a": 2})
    assert opening.opens(opening.commitment())
    assert opening.value == b'{"a":2,"b":1}'


@pytest.mark.parametrize("table", ["records", "tiles", "checkpoints"])
@pytest.mark.parametrize("statement", ["update {} set {} = 7", "delete from {}"])
def test_sqlite_refuses_to_change_what_is_there(embedded: Opens, table: str, statement: str) -> None:
    journal = embedded()
    fill(journal, 256)
    journal.checkpoint()
    column = {"records": "seq", "tiles": "n", "checkpoints": "size"}[table]
    connection = apsw.Connection(str(journal.folder / FILE))
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        connection.execute(statement.format(table, column))
    connection.close()


@pytest.mark.parametrize("statement", ["update {} set {} = 7", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["records", "tiles", "checkpoints"])
def test_postgres_refuses_to_change_what_is_there(postgres: str, tmp_path: Path, table: str, statement: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute("drop schema if exists journal cascade")
    journal = Journal(tmp_path, dsn=postgres)
    column = {"records": "seq", "tiles": "n", "checkpoints": "size"}[table]
    with psycopg.connect(postgres) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute(statement.format(f"journal.{table}", column).encode())
    journal.close()


def test_a_journal_of_both_stores_verifies(journal: Journal, dsn: str) -> None:
    fill(journal, 520)
    note = journal.checkpoint()
    source = journal.folder if not dsn else journal._store
    report = verify(source, checkpoint=note, vkey=journal.vkey, key=journal._signer)
    assert report.ok, report.findings
    assert (report.size, report.root, report.signed, report.seals) == (520, journal.root(), 520, True)
