"""Idempotency keys: the same key and request again is answered by the action that it led to the first time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.errors import JobError
from sandbox.journal.journal import Journal
from sandbox.undo.to_end import in_thread

# Bounds of the memory, and of the look back at the first key. A key from before them is taken as a new one.
_KEYS = 100_000
_RECORDS = 1_000_000


class Keys:
    """The last keys that the journal knows, by workspace."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seen: int | None = None
        self._first = asyncio.Lock()
        self._known: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        self._turns: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, workspace: str, key: str, request: str) -> AsyncIterator[str]:
        """The action that this key led to, or "" for whoever is first; others wait until that one is done.

        Raises JobError where the key came with another request.
        """
        if not key:
            yield ""
            return
        place = workspace, key
        async with self._waiting(place):
            async with self._first:
                if self._seen is None:
                    await in_thread(self._read_on)
                else:
                    self._read_on()
            action, first = self._known.get(place, ("", request))
            if first != request:
                raise JobError("idempotency_key", f"{key!r} came with another request", "take a new key for it")
            yield action

    def led_to(self, workspace: str, key: str) -> str:
        """The action that a key led to, in whichever process."""
        self._read_on()
        return self._known.get((workspace, key), ("", ""))[0]

    @asynccontextmanager
    async def _waiting(self, place: tuple[str, str]) -> AsyncIterator[None]:
        """One at a time for each key; the lock goes with the last of them."""
        lock, count = self._turns.get(place, (asyncio.Lock(), 0))
        self._turns[place] = lock, count + 1
        try:
            async with lock:
                yield
        finally:
            lock, count = self._turns.pop(place)
            if count > 1:
                self._turns[place] = lock, count - 1

    def _read_on(self) -> None:
        seen = max(-1, self._journal.size - _RECORDS) if self._seen is None else self._seen
        for record in self._journal.records(after=seen, kinds=("planned",)):
            key = record.body.get("idempotency_key")
            if key:
                self._known.setdefault((record.session, key), (record.action, record.body["request"]))
                if len(self._known) > _KEYS:
                    self._known.popitem(last=False)
            seen = record.seq
        self._seen = seen
