"""The journal: appends records, grows the tree over them, signs what it has reached.

Seq is gap-free over all threads, processes and servers that share a store: it is given under the store's write lock,
after what others have appended meanwhile was read, checked and added to this process's tree.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, Self

from sandbox.effects.adapter import Beside, Note
from sandbox.effects.files import kernel
from sandbox.errors import SandboxError
from sandbox.journal import merkle, tiles
from sandbox.journal.archive import write_archive
from sandbox.journal.canonical import Draft, RecordError, decode
from sandbox.journal.marker import Interrupted, Marker, interrupted
from sandbox.journal.note import Checkpoint, NoteError, load_signer
from sandbox.journal.record import Record
from sandbox.journal.redaction import Opening, commit
from sandbox.journal.sqlite import SqliteStore
from sandbox.journal.store import Query, Row, Store

_PAGE = 512
# Seconds between the checkpoints that appends make by themselves.
_CHECKPOINT_S = 1.0


class TamperedError(SandboxError):
    """The store does not hold what was appended to it. Nothing more is appended or signed."""

    code = "journal-tampered"


class LostError(SandboxError):
    """The store lost records that were not yet durable. Nothing was appended; the next append goes on from there."""

    code = "journal-lost"


class Entry(NamedTuple):
    """What to append. See `Journal.append`."""

    kind: str
    body: Mapping[str, Any]
    action: str = ""
    session: str = ""
    principal: str = ""
    traceparent: str = ""


class Journal:
    """Append-only records in `folder` (SQLite), or on the PostgreSQL server of `dsn`; the key is in `folder` then, too.

    `origin`: what checkpoints are signed as, when the key is made; by default a name that no other journal has.
    `interrupted`: how it was left, if not closed; worth a record `recovered`. Raises StoreError, NoteError, and
    TamperedError where the store contradicts its last checkpoint, or records behind it are not from a holder of the
    key. Servers that share a PostgreSQL store need the same key file. Not to be carried over a fork.
    """

    def __init__(self, folder: Path, *, dsn: str = "", origin: str = "") -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._signer = load_signer(folder, origin)
        self._store = _open(folder, dsn)
        self._lock = threading.Lock()
        self._frontier, self._last = merkle.Frontier(), b""
        # What was durable when this process last looked: what may never be gone again.
        self._durable = merkle.Frontier()
        self._broken: TamperedError | None = None
        self._closed = False
        try:
            with self._lock:
                self._load()
            self.interrupted: Interrupted | None = interrupted(folder / "open", self._frontier.size, self._leaf)
            self._marker = Marker(folder / "open")
        except BaseException:
            self._store.close()
            raise
        self._signed_at, self._signed_size = time.monotonic(), self._durable.size

    @property
    def origin(self) -> str:
        """The name that checkpoints are signed as."""
        return self._signer.name

    @property
    def vkey(self) -> str:
        """The public key, as `NAME+HASH+BASE64`: what everybody who verifies has to know from elsewhere."""
        return self._signer.verifier.vkey

    def append(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        action: str = "",
        session: str = "",
        principal: str = "",
        traceparent: str = "",
        durable: bool = False,
    ) -> Record:
        """Appends one record; with `durable` it is on disk before the return, and all before it as well.

        Otherwise it outlives this process, not the machine, until `sync`. Any thread. Raises RecordError, StoreError,
        TamperedError, LostError; nothing is appended then, but for a StoreError that says so.
        """
        return self._append([Draft(kind, body, action, session, principal, traceparent)], durable)[0]

    def noting(self, action: str, *, session: str = "", principal: str = "", traceparent: str = "") -> Note:
        """What a backend gets: it appends records on this action, and knows of no other."""

        def note(kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: Beside = None) -> None:
            draft = Draft(kind, body, action, session, principal, traceparent)
            self._append([draft], durable, beside)

        return note

    def append_many(self, entries: Sequence[Entry], *, durable: bool = False) -> list[Record]:
        """Appends all of them, one behind the other with nothing between, or none. As `append`."""
        return self._append([Draft(*entry) for entry in entries], durable) if entries else []

    def sync(self) -> None:
        """Makes everything appended so far durable."""
        reached = self._frontier
        self._store.sync()
        self._durable = max(self._durable, reached, key=_size)

    def records(
        self,
        after: int = -1,
        action: str | None = None,
        session: str | None = None,
        kinds: Sequence[str] | None = None,
    ) -> Iterator[Record]:
        """The records behind seq `after` that there are now, in order. Raises StoreError, TamperedError."""
        for row in self._rows(after, action, session, kinds):
            yield _decoded(row)

    def actions(self, limit: int = 100, *, session: str | None = None, before: str | None = None) -> list[str]:
        """Ids of actions, the last begun first; of those begun before `before`, to turn pages."""
        return [*self._store.actions(limit, session, before)]

    @property
    def size(self) -> int:
        """How many records there are."""
        return self._store.size()

    def root(self) -> bytes:
        """The root of the tree over all records, 32 bytes."""
        with self._lock:
            self._catch_up()
            return self._frontier.root()

    def checkpoint(self) -> str:
        """Signs what there is, as a note that can leave this machine; made durable and kept before it is returned."""
        with self._lock:
            self._catch_up()
            reached = self._frontier.copy()
        # What has been signed must not be lost: the journal would contradict its own checkpoint.
        self._store.sync()
        self._durable = max(self._durable, reached, key=_size)
        note = self._signer.sign(Checkpoint(self.origin, reached.size, reached.root()).text())
        with self._lock:
            self._store.add_checkpoint(reached.size, note)
        self._signed_at, self._signed_size = time.monotonic(), reached.size
        return note

    def checkpoints(self) -> list[str]:
        """All signed checkpoints, by size."""
        return [note for _, note in self._store.checkpoints()]

    def inclusion(self, seq: int, size: int | None = None) -> list[bytes]:
        """What proves that record `seq` is in the tree of the first `size` (default: all). Raises ValueError."""
        with self._lock:
            self._catch_up()
            size = self._within(size)
            return merkle.inclusion_proof(self._subtrees(size), seq, size)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """What proves that the tree of `size` began as that of `old` records. Raises ValueError."""
        with self._lock:
            self._catch_up()
            size = self._within(size)
            return merkle.consistency_proof(self._subtrees(size), old, size)

    def archive(self, file: BinaryIO) -> int:
        """Writes all of it, as one file that `verify` reads elsewhere; with a checkpoint of all. How many records."""
        self.checkpoint()
        return write_archive(file, (row.data for row in self._rows(-1, None, None, None)), self.checkpoints())

    def commit(self, value: Any) -> dict[str, str]:
        """What stands for a secret in a body: `{"commit": HEX}`. Salt and value are kept until `forget`."""
        opening = commit(value)
        found = opening.commitment()
        with self._lock:
            self._store.put_secret(bytes.fromhex(found["commit"]), opening.salt, opening.value)
        return found

    def opening(self, commitment: Mapping[str, str]) -> Opening | None:
        """What opens it, if it was not forgotten."""
        found = self._store.secret(bytes.fromhex(commitment["commit"]))
        return Opening(*found) if found else None

    def forget(self, commitment: Mapping[str, str]) -> bool:
        """Deletes what opens a commitment; no proof depends on it. Whether it was there."""
        with self._lock:
            return self._store.forget(bytes.fromhex(commitment["commit"]))

    def close(self) -> None:
        """Signs a last checkpoint if there is something new, and gives the store back. Twice is once."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._frontier.size != self._signed_size and self._broken is None:
                self.checkpoint()
            self._marker.close()
        finally:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, after: int, action: str | None, session: str | None, kinds: Sequence[str] | None) -> Iterator[Row]:
        until = self._store.size()
        wanted = None if kinds is None else tuple(kinds)
        while rows := self._store.page(Query(after, until, action, session, wanted), _PAGE):
            yield from rows
            after = rows[-1].seq

    def _append(self, drafts: Sequence[Draft], durable: bool, beside: Beside = None) -> list[Record]:
        with self._lock:
            with self._store.writing(durable):
                self._catch_up()
                records, rows, grown = self._place(drafts)
                self._store.insert(rows)
                first = -(-(rows[0].seq + 1) // tiles.WIDTH) * tiles.WIDTH
                for size in range(first, grown.size + 1, tiles.WIDTH):
                    for tile in tiles.due(size, self._store.tile_roots, self._store.data):
                        self._store.insert_tile(tile)
            self._frontier, self._last = grown, rows[-1].data
            self._marker.put(grown.size, merkle.leaf_hash(self._last))
            now = time.monotonic()
            sign = now - self._signed_at >= _CHECKPOINT_S
            if sign:
                self._signed_at = now
        made = beside() if beside else ()
        if durable:
            self._flush(made)
            self._durable = max(self._durable, grown, key=_size)
        if sign:
            self.checkpoint()
        return records

    def _flush(self, beside: Sequence[int]) -> None:
        """What was appended, and the file systems of those descriptors: each file system once."""
        systems = {os.fstat(fd).st_dev: fd for fd in beside}
        shared = systems.pop(self._store.device, None) is not None
        if shared or not self._store.durable_commit:
            self._store.sync(whole=shared)
        for fd in systems.values():
            kernel.sync(fd)

    def _place(self, drafts: Sequence[Draft]) -> tuple[list[Record], list[Row], merkle.Frontier]:
        """Gives seq and time, and grows a tree of its own: nothing holds before it is committed."""
        records, rows, grown = [], [], self._frontier.copy()
        for draft in drafts:
            seq, ts, mono = grown.size, time.time_ns(), time.monotonic_ns()
            data = draft.placed(seq, ts, mono)
            grown.push(merkle.leaf_hash(data))
            rows.append(Row(seq, draft.action, draft.session, draft.kind, data, self._signer.seal(data)))
            records.append(draft.record(seq, ts, mono))
        return records, rows, grown

    def _catch_up(self) -> None:
        """Adds what other processes appended, after seeing that what this one knows is still there."""
        if self._broken is not None:
            raise self._broken
        while True:
            known = self._frontier.size
            rows = self._store.tail(max(known - 1, 0), _PAGE)
            if known and not (rows and rows[0].seq == known - 1 and rows[0].data == self._last):
                self._went_back()
            fresh = rows[1:] if known else rows
            if fresh:
                self._absorb(fresh)
            if len(rows) < _PAGE:
                return

    def _absorb(self, rows: Sequence[Row]) -> None:
        grown = self._frontier.copy()
        for row in rows:
            if row.seq != grown.size or not self._sealed(row):
                raise self._refusal(f"record {row.seq} was not appended by a holder of the key")
            grown.push(merkle.leaf_hash(row.data))
        self._frontier, self._last = grown, rows[-1].data

    def _sealed(self, row: Row) -> bool:
        return hmac.compare_digest(self._signer.seal(row.data), row.seal)

    def _went_back(self) -> NoReturn:
        before, durable = self._frontier.size, self._durable
        self._load()
        size = self._frontier.size
        if size < durable.size or merkle.frontier(self._subtrees(size), durable.size).root() != durable.root():
            raise self._refusal(f"the journal no longer holds the {durable.size} records that were durable")
        raise LostError(
            "the journal lost records that were not durable",
            why=f"{before} were appended, {size} are there",
            fix="note it in a record, and append again",
        )

    def _refusal(self, subject: str, why: str = "") -> TamperedError:
        """From now on nothing is appended or signed: a signature would make what was forged look right."""
        self._broken = TamperedError(subject, why=why, fix="verify the journal, and find out who wrote to its store")
        return self._broken

    def _load(self) -> None:
        """The tree as stored, checked against the last checkpoint, and record by record behind it."""
        found, size = self._store.last_checkpoint(), self._store.size()
        signed = Checkpoint(self.origin, 0, merkle.EMPTY)
        try:
            if found is not None:
                signed = self._signer.verifier.checkpoint(found[1])
            at = merkle.frontier(self._subtrees(size), min(signed.size, size))
        except (NoteError, LookupError) as error:
            raise self._refusal("the journal's tree or its last checkpoint does not hold", str(error)) from error
        rows = self._store.tail(signed.size - 1, 1) if signed.size else []
        if (at.size, at.root(), self.origin) != (signed.size, signed.root, signed.origin) or not all(
            row.seq == signed.size - 1 and self._sealed(row) for row in rows
        ):
            raise self._refusal(f"the journal does not hold the {signed.size} records that its checkpoint signed")
        self._frontier, self._last, self._durable = at, rows[0].data if rows else b"", at
        self._catch_up()

    def _leaf(self, seq: int) -> bytes:
        return merkle.leaf_hash(self._store.data(seq, seq + 1)[0])

    def _subtrees(self, size: int) -> merkle.Subtree:
        return tiles.subtrees(self._store.tile, self._store.tile_roots, self._store.data, size)

    def _within(self, size: int | None) -> int:
        if size is not None and not 0 <= size <= self._frontier.size:
            raise ValueError(f"no tree of {size} among {self._frontier.size} records")
        return self._frontier.size if size is None else size


_size = attrgetter("size")


def _open(folder: Path, dsn: str) -> Store:
    if not dsn:
        return SqliteStore(folder)
    # Its driver is needed by those only who use it.
    from sandbox.journal.postgres import PostgresStore

    return PostgresStore(dsn)


def _decoded(row: Row) -> Record:
    try:
        found = decode(row.data)
    except RecordError as error:
        raise TamperedError(f"record {row.seq} is none", why=str(error), fix="verify the journal") from error
    if found.seq != row.seq:
        raise TamperedError(f"record {row.seq} says that it is {found.seq}", fix="verify the journal")
    return found
