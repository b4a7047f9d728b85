"""Somebody may write to the store and has no key (or has it): what is found, under which name, and by whom."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.journal.journal import Entry, Journal
from sandbox.journal.note import Checkpoint, Signer, load_signer, new_key
from sandbox.journal.sqlite import FILE
from sandbox.journal.store import StoreError
from sandbox.journal.verify import verify
from tests.journal.victim import (
    COUNT,
    Attack,
    Victim,
    cut,
    cut_with_checkpoints,
    edit,
    forge,
    retile,
    reversed_pair,
    shift_in,
    shift_out,
    swap,
    unbelted,
    with_one_more,
    without,
)


def test_an_untouched_journal_is_clean(victim: Victim) -> None:
    report = victim.report()
    assert report.ok, report.findings
    assert (report.size, report.signed, report.checkpoints, report.seals) == (COUNT, COUNT, 3, False)


NAMED: dict[str, tuple[Attack, set[str]]] = {
    "a body is edited": (edit, {"edited", "rewritten", "forked"}),
    "a body is edited behind the last tile": (lambda db: edit(db, 599), {"rewritten", "forked"}),
    "a body is edited and the hashes are made to match": (
        lambda db: (edit(db), retile(db)),
        {"rewritten", "forked"},
    ),
    "bytes are no record any more": (
        lambda db: db.execute("update records set data = cast('{}' as blob) where seq = 100"),
        {"edited", "rewritten", "forked"},
    ),
    "a record is deleted": (lambda db: db.execute("delete from records where seq = 100"), {"deleted"}),
    "records are deleted": (lambda db: db.execute("delete from records where seq between 90 and 110"), {"deleted"}),
    "the first record is deleted": (lambda db: db.execute("delete from records where seq = 0"), {"deleted", "index"}),
    "a record is taken out and the rest moves up": (shift_out, {"deleted"}),
    "a record is taken out and all is numbered anew": (lambda db: without(db, 100), {"rewritten", "truncated"}),
    "a record is put in": (shift_in, {"inserted"}),
    "a record is put in and all is numbered anew": (with_one_more, {"rewritten", "forked"}),
    "two records change places": (swap, {"reordered", "index"}),
    "two records change places and are numbered anew": (reversed_pair, {"rewritten", "forked"}),
    "the tail is cut off": (lambda db: cut(db, 500), {"truncated"}),
    "the list of actions lies": (
        lambda db: db.execute("update records set opens = 0 where seq = 3"),
        {"index"},
    ),
    "a record is listed under another action": (
        lambda db: db.execute("update records set action = 'a7' where seq = 100"),
        {"index"},
    ),
    "a tile is deleted": (lambda db: db.execute("delete from tiles where n = 0"), {"index"}),
    "a checkpoint is made up": (
        lambda db: db.execute("insert into checkpoints values (5, 'example.org/log')"),
        {"signature"},
    ),
    "a checkpoint is of another key": (
        lambda db: db.execute(
            "insert into checkpoints values (5, ?)",
            (Signer(new_key("example.org/log")).sign(Checkpoint("example.org/log", 5, bytes(32)).text()),),
        ),
        {"signature"},
    ),
}


@pytest.mark.parametrize("attack", NAMED)
def test_what_was_done_to_the_store_is_named_without_the_key(victim: Victim, attack: str) -> None:
    act, expected = NAMED[attack]
    with unbelted(victim) as db:
        act(db)
    assert victim.names() == expected


def test_an_edit_is_named_with_the_record_that_it_changed(victim: Victim) -> None:
    with unbelted(victim) as db:
        edit(db, 333)
    found = {finding.name: finding.seq for finding in victim.report().findings}
    # The tile knows which one; the checkpoints know between which two of them.
    assert found == {"edited": 333, "rewritten": 300, "forked": 300}


def test_with_the_journals_own_key_each_forged_record_is_named(victim: Victim) -> None:
    with unbelted(victim) as db:
        edit(db, 100)
        edit(db, 599)
        retile(db)
    report = verify(victim.folder)
    assert [finding.seq for finding in report.findings if finding.name == "forged"] == [100, 599]
    assert report.seals


# What only the checkpoint that left the machine shows.
def test_a_tail_cut_off_together_with_its_checkpoints_is_found_from_outside_only(victim: Victim) -> None:
    with unbelted(victim) as db:
        cut_with_checkpoints(db, 300)
    assert victim.names(outside=False) == set()
    assert victim.names() == {"truncated"}


def test_a_journal_made_anew_by_who_has_the_key_is_found_from_outside_only(victim: Victim) -> None:
    (victim.folder / FILE).unlink()
    with Journal(victim.folder) as journal:
        journal.append_many([Entry("clr", {"n": 0}, f"a{n // 3}", "s") for n in range(COUNT)])
    assert victim.names(outside=False) == set()
    assert victim.names() == {"forked"}


def test_two_signed_histories_of_one_size_are_a_fork(victim: Victim) -> None:
    signer = load_signer(victim.folder)
    with unbelted(victim) as db:
        db.execute(
            "insert into checkpoints values (300, ?)", (signer.sign(Checkpoint(signer.name, 300, b"x" * 32).text()),)
        )
    assert victim.names() == {"forked", "rewritten"}


def test_a_checkpoint_of_another_log_by_the_same_key_is_none_of_this(victim: Victim) -> None:
    signer = load_signer(victim.folder)
    with unbelted(victim) as db:
        note = signer.sign(Checkpoint("example.org/other", 5, bytes(32)).text())
        db.execute("insert into checkpoints values (5, ?)", (note,))
    assert victim.names() == {"signature"}


def test_a_key_that_was_exchanged_is_found_by_who_knows_the_old_one(victim: Victim) -> None:
    (victim.folder / "key").unlink()
    signer = load_signer(victim.folder, "example.org/log")
    with unbelted(victim) as db:
        db.execute("delete from checkpoints")
        root = verify(victim.folder).root
        note = signer.sign(Checkpoint(signer.name, COUNT, root).text())
        db.execute("insert into checkpoints values (?, ?)", (COUNT, note))
    assert "signature" in victim.names()


def test_a_forged_record_at_the_end_is_named_by_who_holds_the_key_and_by_nobody_else(victim: Victim) -> None:
    with unbelted(victim) as db:
        forge(db)
    assert victim.names() == set()
    assert victim.report().signed == COUNT
    assert {finding.name for finding in verify(victim.folder).findings} == {"forged"}


def test_a_name_that_is_no_unicode_is_an_error_that_says_so(victim: Victim) -> None:
    with unbelted(victim) as db:
        db.execute("update records set action = cast(x'ff' as text) where seq = 100")
    with pytest.raises(StoreError, match="could not be read"):
        victim.report()


@given(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=40))
@settings(deadline=None, max_examples=60)
def test_a_file_with_bytes_overwritten_is_an_error_or_a_finding_or_says_the_same(
    original: Victim, tmp_path_factory: pytest.TempPathFactory, where: float, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("overwritten") / "journal"
    shutil.copytree(original.folder, folder)
    data = bytearray((folder / FILE).read_bytes())
    at = int(where * len(data))
    data[at : at + len(junk)] = junk
    (folder / FILE).write_bytes(data)
    try:
        report = verify(folder, checkpoint=original.note, vkey=original.vkey)
    except StoreError:
        return
    if report.ok:
        assert (report.size, report.root) == (COUNT, original.report().root)
