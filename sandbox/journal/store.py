"""Where records lie: what the journal needs of a database, and no more. Two offer it: SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from sandbox.errors import SandboxError
from sandbox.journal.tiles import Tile


class StoreError(SandboxError):
    """The database refused or is away."""

    code = "journal-store"


class Row(NamedTuple):
    """One record as stored. `data`: its canonical bytes, which the tree covers; the names beside are for looking up."""

    seq: int
    action: str
    session: str
    kind: str
    data: bytes
    seal: bytes


class Query(NamedTuple):
    """Which records, in order: of `after` < seq < `until`, and of one action, one session, some kinds if given."""

    after: int = -1
    until: int = 1 << 62
    action: str | None = None
    session: str | None = None
    kinds: tuple[str, ...] | None = None


class Store(Protocol):
    """Appends and reads. The writing side is for one thread at a time (the journal's lock), reading for any.

    `durable_commit`: whether a transaction asked to be durable is so when `writing` ends; otherwise `sync` makes it so.
    `device`: of the file system of this machine that it lies on, as in `st_dev`; 0 where it lies elsewhere.
    """

    durable_commit: bool
    device: int

    def writing(self, durable: bool) -> AbstractContextManager[None]:
        """The store's one write lock, over all processes, and a transaction. Raises StoreError."""

    def tail(self, start: int, limit: int) -> Sequence[Row]:
        """Rows from `start` on as the writing side sees them, inside `writing` or outside."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Adds rows, inside `writing`."""

    def insert_tile(self, tile: Tile) -> None:
        """Adds a tile, inside `writing`."""

    def sync(self, *, whole: bool = False) -> None:
        """Makes everything committed so far durable; with `whole`, all else on its file system as well."""

    def size(self) -> int:
        """How many records there are: the last one's seq and one."""

    def data(self, start: int, stop: int) -> Sequence[bytes]:
        """The bytes of records `start` to `stop`."""

    def page(self, query: Query, limit: int) -> Sequence[Row]:
        """The first rows of a query."""

    def actions(self, limit: int, session: str | None, before: str | None) -> Sequence[str]:
        """Ids of actions, the last begun first, of those begun before `before`."""

    def opened(self, action: str) -> int | None:
        """The seq that is marked as the action's first."""

    def tile(self, level: int, n: int) -> Tile | None:
        """A complete tile."""

    def tile_roots(self, level: int, start: int) -> Sequence[bytes]:
        """The roots of a level's complete tiles from `start` on, 256 at most."""

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keeps a signed checkpoint."""

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """All of them, by size, as (size, note)."""

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The one of the largest tree."""

    def put_secret(self, commitment: bytes, salt: bytes, value: bytes) -> None:
        """Keeps what opens a commitment."""

    def secret(self, commitment: bytes) -> tuple[bytes, bytes] | None:
        """Salt and value, if they are still there."""

    def forget(self, commitment: bytes) -> bool:
        """Deletes them. Whether they were there."""

    def close(self) -> None:
        """Gives connections and files back."""
