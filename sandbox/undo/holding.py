"""Transactions that are open on live databases, by the action that they belong to: in this process, and no longer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from sandbox.errors import JobError
from sandbox.model.effects import Effect

# They keep locks, so there are few, and not for long.
MOST = 16
HOLD_S = 600


class Transaction(Protocol):
    """An open transaction: `sandbox/effects/sqlite/held.py`, `sandbox/effects/postgres/held.py`."""

    @property
    def open(self) -> bool:
        """Whether it can still be committed."""

    @property
    def number(self) -> str:
        """What its database can be asked by what became of it; empty where it cannot."""

    def answer(self, sql: str, most: int) -> bytes:
        """Runs statements, all or none. Rows as JSON lines, the first `most` bytes. Raises StatementError."""

    def effects(self, action: str, most: int | None = None) -> list[Effect]:
        """What was done so far. Raises StatementError, QuotaError."""

    def commit(self) -> None:
        """Raises StatementError; where it is still `open` then, it is held as before."""

    def rollback(self) -> None:
        """Drops everything."""

    def stop(self) -> None:
        """The same from another thread, while a statement runs."""

    def fate(self) -> bool | None:
        """Whether it was committed, after a commit that failed and left nothing open. None: nobody knows."""


@dataclass(slots=True)
class _Place:
    """What an action has of a database. `transaction`: None until it is open. `stopped`: it is not wanted any more."""

    workspace: str
    backend: str
    name: str
    transaction: Transaction | None = None
    stopped: bool = False
    timer: threading.Timer | None = None


class Holding:
    """All of them. Safe from any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        # Threads of their own: statements may run long, and nothing else of the server has to wait for them.
        self.threads = ThreadPoolExecutor(most, thread_name_prefix="held")

    def reserve(self, action: str, workspace: str, backend: str, name: str) -> None:
        """A place for a transaction that is about to be opened.

        Raises JobError where there are too many, or the file is held by another action: SQLite has one writer.
        """
        with self._lock:
            if len(self._places) >= self._most:
                raise JobError(
                    "databases",
                    f"{len(self._places)} transactions are held",
                    "commit or undo one of them first",
                    reject="RESOURCE_EXHAUSTED",
                )
            for other, place in self._places.items():
                if backend == "sqlite" and (place.workspace, place.name) == (workspace, name):
                    raise JobError(
                        "databases",
                        f"{name} is held by action {other}, and SQLite has one writer at a time",
                        f"sandbox commit {other}, or sandbox undo {other}",
                        reject="FAILED_PRECONDITION",
                    )
            self._places[action] = _Place(workspace, backend, name)

    def opened(self, action: str, transaction: Transaction) -> bool:
        """Puts it in its place. False where it is not wanted any more."""
        with self._lock:
            place = self._places[action]
            place.transaction = transaction
            return not place.stopped

    def keep(self, action: str, seconds: float, over: Callable[[], object]) -> None:
        """It is held from now on; `over` is called from another thread when its time is up."""
        with self._lock:
            place = self._places.get(action)
            if place is None:
                return

            def end() -> None:
                try:
                    over()
                finally:
                    self.release(action)

            place.timer = threading.Timer(seconds, end)
            place.timer.daemon = True
            place.timer.start()

    def get(self, action: str) -> Transaction | None:
        """The transaction of an action, where it can still be committed."""
        found = self.last(action)
        return found if found is not None and found.open else None

    def last(self, action: str) -> Transaction | None:
        """The transaction of an action, also where it is over."""
        with self._lock:
            place = self._places.get(action)
        return place.transaction if place is not None else None

    def stop(self, action: str) -> None:
        """Ends a statement that is under way. Blocking."""
        with self._lock:
            place = self._places.get(action)
            if place is None:
                return
            place.stopped = True
            transaction = place.transaction
        if transaction is not None:
            transaction.stop()

    def release(self, action: str) -> bool:
        """Rolls back what is still open, and gives the place back. Whether something was open. Blocking."""
        with self._lock:
            place = self._places.pop(action, None)
        if place is None:
            return False
        if place.timer is not None:
            place.timer.cancel()
        if place.transaction is None:
            return False
        was_open = place.transaction.open
        place.transaction.rollback()
        return was_open

    def actions(self) -> list[str]:
        """Whoever has a place."""
        with self._lock:
            return [*self._places]

    def close(self) -> None:
        """Rolls everything back. Blocking."""
        for action in self.actions():
            self.stop(action)
            with contextlib.suppress(Exception):
                self.release(action)
        self.threads.shutdown(wait=True, cancel_futures=True)
