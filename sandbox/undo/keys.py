"""Idempotency keys: the same key and request again is answered by the action that it led to the first time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.errors import JobError
from sandbox.journal.journal import Journal


class Keys:
    """All keys that the journal knows, by workspace."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seen = -1
        self._known: dict[tuple[str, str], tuple[str, str]] = {}
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
        for record in self._journal.records(after=self._seen, kinds=("planned",)):
            if "idempotency_key" in record.body:
                self._known.setdefault(
                    (record.session, record.body["idempotency_key"]), (record.action, record.body["request"])
                )
            self._seen = record.seq
