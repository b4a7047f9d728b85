"""A journal whose store is written to by others: it opens on nothing, and signs nothing, that its key did not make."""

from __future__ import annotations

import pytest

from sandbox.journal.journal import Entry, Journal, LostError, TamperedError
from sandbox.journal.verify import verify
from tests.journal.victim import (
    Attack,
    Victim,
    cut,
    edit,
    forge,
    retile,
    unbelted,
    without,
)


@pytest.mark.parametrize(
    "attack",
    [
        forge,
        lambda db: cut(db, 500),
        lambda db: (edit(db), retile(db)),
        lambda db: without(db, 100),
        lambda db: db.execute("delete from records where seq = 599"),
        lambda db: db.execute("delete from tiles where n = 0"),
        lambda db: db.execute("update checkpoints set note = replace(note, 'example', 'exemple')"),
    ],
)
def test_a_journal_does_not_open_on_what_its_key_did_not_make(victim: Victim, attack: Attack) -> None:
    with unbelted(victim) as db:
        attack(db)
    with pytest.raises(TamperedError):
        Journal(victim.folder)


def test_a_running_journal_refuses_a_forged_record_and_signs_nothing_more(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        with unbelted(victim) as db:
            forge(db)
        for _ in range(2):
            with pytest.raises(TamperedError, match="record 600"):
                journal.append("clr", {})
        with pytest.raises(TamperedError):
            journal.checkpoint()
        assert len(journal.checkpoints()) == 2


def test_a_running_journal_sees_that_its_last_record_was_edited(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        journal.append("clr", {"n": 0})
        with unbelted(victim) as db:
            edit(db, 600)
        with pytest.raises(TamperedError, match="record 600"):
            journal.append("clr", {})


def test_a_running_journal_misses_the_durable_records_that_were_deleted(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        journal.append("clr", {}, durable=True)
        with unbelted(victim) as db:
            cut(db, 600)
        for _ in range(2):
            with pytest.raises(TamperedError, match="601 records that were durable"):
                journal.append("clr", {})


def test_a_running_journal_says_that_records_which_were_not_durable_are_gone_and_goes_on(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        journal.append_many([Entry("clr", {}), Entry("clr", {})])
        with unbelted(victim) as db:
            cut(db, 600)
        with pytest.raises(LostError) as caught:
            journal.append("clr", {})
        assert "602 were appended, 600 are there" in caught.value.why
        assert journal.append("recovered", {"lost": 2}).seq == 600
    assert verify(victim.folder, checkpoint=victim.note, vkey=victim.vkey).ok


def test_an_edit_of_what_is_not_signed_yet_comes_out_when_a_process_that_had_it_right_signs(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        journal.append_many([Entry("clr", {"n": n}, "late") for n in range(5)])
        with unbelted(victim) as db:
            edit(db, 602)
        assert victim.names() == set()
        assert {finding.name for finding in verify(victim.folder).findings} == {"forged"}
        journal.append("clr", {})
    assert victim.names() == {"rewritten"}
