"""Somebody may write to the store and has no key (or has it): what is found, under which name, and by whom."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.journal.archive import write_archive
from sandbox.journal.canonical import decode, encode
from sandbox.journal.journal import Entry, Journal, LostError, TamperedError
from sandbox.journal.merkle import leaf_hash
from sandbox.journal.note import Checkpoint, Signer, load_signer, new_key
from sandbox.journal.record import Record
from sandbox.journal.sqlite import FILE
from sandbox.journal.store import StoreError
from sandbox.journal.tiles import Tile
from sandbox.journal.verify import Report, verify

COUNT = 600
Attack = Callable[[apsw.Connection], object]


class Victim:
    """A closed journal of 600 records in two signed checkpoints, the note that left the machine, and the public key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with Journal(folder, origin="example.org/log") as journal:
            journal.append_many([Entry("clr", {"n": n}, f"a{n // 3}", "s") for n in range(300)])
            self.early = journal.checkpoint()
            journal.append_many([Entry("clr", {"n": n}, f"a{n // 3}", "s") for n in range(300, COUNT)])
            self.note, self.vkey = journal.checkpoint(), journal.vkey

    def report(self, *, outside: bool = True) -> Report:
        """As an auditor sees it, who has the public key, and no key of the journal's."""
        key = self.folder / "key"
        hidden = key.rename(self.folder.with_name("hidden-key"))
        try:
            return verify(self.folder, checkpoint=self.note if outside else "", vkey=self.vkey)
        finally:
            hidden.rename(key)

    def names(self, *, outside: bool = True) -> set[str]:
        return {finding.name for finding in self.report(outside=outside).findings}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("victim") / "journal")


@pytest.fixture
def victim(original: Victim, tmp_path: Path) -> Victim:
    copy = Victim.__new__(Victim)
    copy.__dict__ |= original.__dict__ | {"folder": tmp_path / "journal"}
    shutil.copytree(original.folder, copy.folder)
    return copy


@contextmanager
def unbelted(victim: Victim) -> Iterator[apsw.Connection]:
    """The attacker's connection: triggers are no obstacle."""
    connection = apsw.Connection(str(victim.folder / FILE))
    for (name,) in [*connection.execute("select name from sqlite_schema where type = 'trigger'")]:
        connection.execute(f"drop trigger {name}")
    try:
        yield connection
    finally:
        connection.close()


def edit(db: apsw.Connection, seq: int = 100, **changes: object) -> None:
    """Writes another body under the same seq, in canonical form."""
    record = read(db, seq)
    write(db, Record(**{**vars_of(record), "body": {"n": -1}, **changes}))  # type: ignore[arg-type]


def read(db: apsw.Connection, seq: int) -> Record:
    ((data,),) = db.execute("select data from records where seq = ?", (seq,))
    return decode(data)  # type: ignore[arg-type]


def write(db: apsw.Connection, record: Record) -> None:
    db.execute("update records set data = ? where seq = ?", (encode(record), record.seq))


def vars_of(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in Record.__slots__}


def renumber(db: apsw.Connection, records: list[Record]) -> None:
    """All anew, each record with the seq of its place, and with hash tiles to match: what a careful forger does."""
    db.execute("delete from tiles")
    db.execute("delete from records")
    placed = [Record(**{**vars_of(each), "seq": seq}) for seq, each in enumerate(records)]  # type: ignore[arg-type]
    begun: set[str] = set()
    for each in placed:
        row = (each.seq, each.action, each.session, each.kind, each.action not in begun, encode(each), bytes(32))
        db.execute("insert into records values (?,?,?,?,?,?,?)", row)
        begun.add(each.action)
    retile(db)


def retile(db: apsw.Connection) -> None:
    """Hash tiles that suit what now stands in the records."""
    db.execute("delete from tiles")
    leaves = [leaf_hash(data) for (data,) in db.execute("select data from records order by seq")]  # type: ignore[arg-type]
    for n in range(len(leaves) // 256):
        tile = Tile.of(0, n, leaves[n * 256 : n * 256 + 256])
        db.execute("insert into tiles values (0, ?, ?, ?)", (n, tile.root, tile.hashes))


def everything(db: apsw.Connection) -> list[Record]:
    return [decode(data) for (data,) in db.execute("select data from records order by seq")]  # type: ignore[arg-type]


def swap(db: apsw.Connection) -> None:
    db.execute("update records set seq = 10000 where seq = 100")
    db.execute("update records set seq = 100 where seq = 200")
    db.execute("update records set seq = 200 where seq = 10000")


def shift_out(db: apsw.Connection) -> None:
    """Record 100 is gone, and all behind it move up, saying what they said."""
    db.execute("delete from records where seq = 100")
    db.execute("update records set seq = -seq where seq > 100")
    db.execute("update records set seq = -seq - 1 where seq < 0")


def shift_in(db: apsw.Connection) -> None:
    """Record 50 stands at 100 as well, and all behind move down."""
    db.execute("update records set seq = -seq where seq >= 100")
    db.execute("update records set seq = -seq + 1 where seq < 0")
    columns = "action, session, kind, opens, data, seal"
    db.execute(f"insert into records select 100, {columns} from records where seq = 50")


def without(db: apsw.Connection, seq: int) -> None:
    renumber(db, [each for each in everything(db) if each.seq != seq])


def with_one_more(db: apsw.Connection) -> None:
    found = everything(db)
    renumber(db, [*found[:100], found[50], *found[100:]])


def reversed_pair(db: apsw.Connection) -> None:
    found = everything(db)
    found[100], found[200] = found[200], found[100]
    renumber(db, found)


def cut(db: apsw.Connection, to: int) -> None:
    db.execute("delete from records where seq >= ?", (to,))
    db.execute("delete from tiles where n >= ?", (to // 256,))


def cut_with_checkpoints(db: apsw.Connection, to: int) -> None:
    cut(db, to)
    db.execute("delete from checkpoints where size > ?", (to,))


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


def forge(db: apsw.Connection) -> None:
    """One more record, as good as can be made without the key."""
    forged = Record(COUNT, 1, 1, "s", "a0", "admin", "", "promoted", {})
    row = (COUNT, "a0", "s", "promoted", 0, encode(forged), b"\0" * 32)
    db.execute("insert into records values (?,?,?,?,?,?,?)", row)


def test_an_edit_of_what_is_not_signed_yet_comes_out_when_a_process_that_had_it_right_signs(victim: Victim) -> None:
    with Journal(victim.folder) as journal:
        journal.append_many([Entry("clr", {"n": n}, "late") for n in range(5)])
        with unbelted(victim) as db:
            edit(db, 602)
        assert victim.names() == set()
        assert {finding.name for finding in verify(victim.folder).findings} == {"forged"}
        journal.append("clr", {})
    assert victim.names() == {"rewritten"}


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


# The server itself signs nothing that it did not make.
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


# An archive: what left the machine as one file.
@pytest.fixture
def archive(victim: Victim, tmp_path: Path) -> Path:
    path = tmp_path / "archive.jsonl"
    with Journal(victim.folder) as journal, path.open("wb") as file:
        assert journal.archive(file) == COUNT
    return path


def test_an_archive_verifies_with_the_public_key_alone(archive: Path, victim: Victim) -> None:
    report = verify(archive, checkpoint=victim.early, vkey=victim.vkey)
    assert report.ok, report.findings
    assert (report.size, report.signed, report.checkpoints, report.seals) == (COUNT, COUNT, 3, False)


def test_without_any_key_no_signature_is_believed(archive: Path) -> None:
    report = verify(archive)
    assert (report.ok, report.signed, report.vkey) == (True, 0, "")


ARCHIVES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], set[str]]] = {
    "a line is edited": (lambda lines: [*lines[:99], lines[99].replace(b'"n":99', b'"n":98'), *lines[100:]],
                         {"rewritten", "forked"}),
    "a line is deleted": (lambda lines: lines[:99] + lines[100:], {"deleted"}),
    "a line is there twice": (lambda lines: lines[:99] + lines[50:51] + lines[99:], {"inserted"}),
    "two lines change places": (lambda lines: [lines[1], lines[0], *lines[2:]], {"reordered"}),
    "the last records are missing": (lambda lines: lines[:500] + lines[COUNT:], {"truncated"}),
    "the end is missing": (lambda lines: lines[:500], {"truncated"}),
    "a line is cut off": (lambda lines: [*lines[:400], lines[400][:-5]], {"truncated"}),
    "a checkpoint is edited": (lambda lines: [*lines[:-1], lines[-1].replace(b"600", b"599")], {"signature"}),
    "a checkpoint is no string": (lambda lines: [*lines, b'{"checkpoint":[}\n'], {"truncated"}),
}  # fmt: skip


@pytest.mark.parametrize("change", ARCHIVES)
def test_what_was_done_to_an_archive_is_named(archive: Path, victim: Victim, change: str) -> None:
    act, expected = ARCHIVES[change]
    archive.write_bytes(b"".join(act(archive.read_bytes().splitlines(keepends=True))))
    report = verify(archive, checkpoint=victim.note, vkey=victim.vkey)
    assert {finding.name for finding in report.findings} == expected


def test_an_archive_with_endless_lines_is_read_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"x" * (8 << 20))
    assert [finding.name for finding in verify(path).findings] == ["truncated"]


def test_an_archive_holds_records_as_they_were_hashed(victim: Victim, tmp_path: Path) -> None:
    path = tmp_path / "two"
    with path.open("wb") as file:
        assert write_archive(file, [b"{}"], ["note\n"]) == 1
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [{}, {"checkpoint": "note\n"}]
