"""Offline: whether a journal, or an archive of it, is what was appended and signed. Reads only, and believes nothing.

What each finding means, and what nobody can find without a checkpoint from elsewhere, is in docs/undo.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox.journal.archive import archived_checkpoints, archived_records
from sandbox.journal.canonical import RecordError, decode
from sandbox.journal.merkle import Frontier, leaf_hash
from sandbox.journal.note import Checkpoint, NoteError, Signer, Verifier, load_signer
from sandbox.journal.sqlite import FILE, SqliteStore
from sandbox.journal.store import Query, Row, Store, StoreError
from sandbox.journal.tiles import WIDTH, Tile

Name = Literal[
    "edited", "forged", "inserted", "deleted", "reordered", "truncated", "rewritten", "forked", "signature", "index"
]
_PAGE = 2048
_MOST = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and from which record on. `seq` is -1 where it is about no record."""

    name: Name
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """`size`, `root`: of the tree over what was read. `checkpoints`: how many were checked, one from outside included.

    `signed`: the size of the largest tree that a checkpoint vouches for; records behind it rest on their seals.
    `seals`: whether those were checked, which needs the journal's own key. `vkey`: whose signatures were believed; ""
    when none was given and none lies in the folder, and then no signature was checked.
    """

    size: int
    root: bytes
    checkpoints: int
    signed: int
    seals: bool
    vkey: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(source: Path | Store, *, checkpoint: str = "", vkey: str = "", key: Signer | None = None) -> Report:
    """Recomputes everything of a journal's folder, an archive of it, or a store.

    `checkpoint`: a signed note that left the machine: only it shows that the tail was cut off or all was made anew.
    `vkey`: the key to believe, from elsewhere; by default that of the folder, which who owns the folder can exchange.
    `key`: to check seals, by default the folder's. Raises OSError and StoreError where there is nothing to read.
    """
    if not isinstance(source, Path):
        return _Check(vkey, key).run(_rows(source), [note for _, note in source.checkpoints()], checkpoint, source)
    if source.is_file():
        return _Check(vkey, key).of_archive(source, checkpoint)
    if not (source / FILE).exists():
        raise StoreError(f"{source} holds no journal", fix="give the folder, or an archive")
    signer = key or (load_signer(source) if (source / "key").exists() else None)
    store = SqliteStore(source, readonly=True)
    try:
        return verify(store, checkpoint=checkpoint, vkey=vkey or (signer.verifier.vkey if signer else ""), key=signer)
    finally:
        store.close()


def _rows(store: Store) -> Iterator[Row]:
    after = -1
    while rows := store.page(Query(after), _PAGE):
        yield from rows
        after = rows[-1].seq


class _Check:
    """One verification under way."""

    def __init__(self, vkey: str, key: Signer | None) -> None:
        self._verifier = Verifier(vkey) if vkey else None
        self._key = key
        self._findings: list[Finding] = []
        self._frontier = Frontier()
        self._levels: list[list[bytes]] = [[]]
        self._filled: list[int] = [0]
        self._actions: dict[str, None] = {}
        self._displaced: list[tuple[int, int]] = []
        self._good = 0
        # Whether records still stand where they were appended, so that trees and tiles can be compared.
        self._aligned = True

    def of_archive(self, path: Path, outside: str) -> Report:
        notes: list[str] = []
        try:
            notes = [*archived_checkpoints(path)]
        except RecordError as error:
            self._find("truncated", -1, error.subject)
        return self.run(self._archived(path), notes, outside, None)

    def _archived(self, path: Path) -> Iterator[Row]:
        records = archived_records(path)
        while True:
            try:
                data = next(records)
            except (StopIteration, RecordError):
                return
            yield Row(self._frontier.size, "", "", "", data, b"")

    def run(self, rows: Iterator[Row], notes: Sequence[str], outside: str, store: Store | None) -> Report:
        signed = [found for note in notes if (found := self._signed(note, "a stored checkpoint"))]
        given = self._signed(outside, "the checkpoint from outside") if outside else None
        self._agree([*signed, *([given] if given else [])])
        wanted: dict[int, set[bytes]] = {}
        for each in signed:
            wanted.setdefault(each.size, set()).add(each.root)
        expected = 0
        self._reach(wanted, given)
        for row in rows:
            if row.seq != expected:
                self._find("deleted", expected, f"records {expected} to {row.seq - 1} are not there")
                self._aligned = False
            expected = row.seq + 1
            self._record(row, store)
            self._grow(leaf_hash(row.data), row.seq, store)
            self._reach(wanted, given)
        self._order(expected)
        self._missing([*signed, *([given] if given else [])], given, expected)
        if store is not None and [*store.actions(1 << 62, None, None)] != [*self._actions][::-1]:
            self._find("index", -1, "the list of actions is not that of the records")
        return Report(
            self._frontier.size,
            self._frontier.root(),
            len(notes) + bool(outside),
            self._good,
            self._key is not None and store is not None,
            self._verifier.vkey if self._verifier else "",
            tuple(self._findings),
        )

    def _find(self, name: Name, seq: int, what: str) -> None:
        if len(self._findings) < _MOST:
            self._findings.append(Finding(name, seq, what))

    def _signed(self, note: str, which: str) -> Checkpoint | None:
        if self._verifier is None:
            return None
        try:
            found = self._verifier.checkpoint(note)
            if found.origin != self._verifier.name:
                raise NoteError(f"it is of {found.origin}")
        except NoteError as error:
            self._find("signature", -1, f"{which} does not hold: {error.subject}")
            return None
        return found

    def _agree(self, signed: Sequence[Checkpoint]) -> None:
        """Two signed roots for one size: whoever holds the key told two stories."""
        roots: dict[int, bytes] = {}
        for each in signed:
            if roots.setdefault(each.size, each.root) != each.root:
                self._find("forked", each.size, f"two checkpoints of {each.size} records were signed, and they differ")

    def _record(self, row: Row, store: Store | None) -> None:
        try:
            record = decode(row.data)
        except RecordError as error:
            self._find("edited", row.seq, f"record {row.seq} is none: {error.subject}")
            return
        if record.seq != row.seq:
            self._displaced.append((row.seq, record.seq))
            self._aligned = False
        if record.action:
            self._actions.setdefault(record.action)
        if store is None:
            return
        if (record.action, record.session, record.kind) != (row.action, row.session, row.kind):
            self._find("index", row.seq, f"record {row.seq} is listed under other names than it has")
        if self._key is not None and self._key.seal(row.data) != row.seal:
            self._find("forged", row.seq, f"record {row.seq} was not appended, as it stands, by a holder of the key")

    def _grow(self, leaf: bytes, seq: int, store: Store | None) -> None:
        self._frontier.push(leaf)
        level, each = 0, leaf
        while store is not None and self._aligned:
            hashes = self._levels[level]
            hashes.append(each)
            if len(hashes) < WIDTH:
                return
            made = Tile.of(level, self._filled[level], hashes)
            self._compare(made, store.tile(level, made.n), seq)
            each = made.root
            self._filled[level] += 1
            self._levels[level] = []
            level += 1
            if level == len(self._levels):
                self._levels.append([])
                self._filled.append(0)

    def _compare(self, made: Tile, stored: Tile | None, seq: int) -> None:
        if stored is None:
            self._find("index", seq, f"hash tile {made.level}/{made.n} is not there")
        elif stored.hashes != made.hashes and made.level == 0:
            pairs = range(0, len(made.hashes), 32)
            changed = [at // 32 for at in pairs if made.hashes[at : at + 32] != stored.hashes[at : at + 32]]
            first = made.n * WIDTH + changed[0]
            self._find("edited", first, f"record {first} is not the one that was appended ({len(changed)} in its tile)")
        elif stored != made:
            self._find("index", seq, f"hash tile {made.level}/{made.n} is not that of the records")

    def _reach(self, wanted: dict[int, set[bytes]], given: Checkpoint | None) -> None:
        size, good = self._frontier.size, self._good
        outside = {given.root} if given and given.size == size else set()
        inside = wanted.get(size, set())
        if not self._aligned or not (inside or outside):
            return
        root = {self._frontier.root()}
        if inside and inside != root:
            self._find("rewritten", good, f"records {good} to {size - 1} are not those that checkpoint {size} signed")
        if outside and outside != root:
            self._find("forked", good, f"another history than that whose {size} records were signed, from {good} on")
        if inside | outside == root:
            self._good = size

    def _missing(self, signed: Sequence[Checkpoint], given: Checkpoint | None, end: int) -> None:
        beyond = max((each.size for each in signed), default=0)
        if beyond > end and not any(each.name == "deleted" for each in self._findings):
            which = "the checkpoint from outside" if given and given.size == beyond else "a stored checkpoint"
            self._find("truncated", end, f"{end} records are there, and {which} signed {beyond}")

    def _order(self, end: int) -> None:
        """What became of records that stand elsewhere than they say."""
        if not self._displaced:
            return
        places = {row for row, _ in self._displaced}
        says = Counter(inner for _, inner in self._displaced)
        first = self._displaced[0][0]
        # Places at the end that nobody claims are what an insertion pushed out there.
        if gone := {place for place in places - says.keys() if place < max(says)}:
            self._find("deleted", min(gone), f"{len(gone)} records are not there, the first of them {min(gone)}")
        twice = [inner for inner, count in says.items() if count > 1 or (inner not in places and inner < end)]
        if twice:
            self._find("inserted", first, f"from record {first} on there is one too many: {min(twice)} is there twice")
        if not gone and not twice:
            self._find("reordered", first, f"from record {first} on they stand in another order")
