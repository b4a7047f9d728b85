"""A journal that is attacked: what somebody may do who can write to its store and has no key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sandbox.journal.canonical import decode, encode
from sandbox.journal.journal import Entry, Journal
from sandbox.journal.merkle import leaf_hash
from sandbox.journal.record import Record
from sandbox.journal.sqlite import FILE
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


def forge(db: apsw.Connection) -> None:
    """One more record, as good as can be made without the key."""
    forged = Record(COUNT, 1, 1, "s", "a0", "admin", "", "promoted", {})
    row = (COUNT, "a0", "s", "promoted", 0, encode(forged), b"\0" * 32)
    db.execute("insert into records values (?,?,?,?,?,?,?)", row)
