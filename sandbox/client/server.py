"""One server as a client sees it: what is in flight there, and whether it is set aside."""

from __future__ import annotations

import asyncio
import random

from sandbox.client.connection import Connection
from sandbox.client.settings import Settings

PROBE_SECONDS = 2.0
_POLL_SECONDS = 0.02
_BACKOFF = (0.1, 5.0)


class Server:
    """One address, and what this client knows about it."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.connection = Connection(address, settings)
        self._window, self._window_bytes = settings.window, settings.window_bytes
        self.in_flight, self._bytes = 0, 0
        self.up = True
        # Every failure begins a new era; one that was caused in an older era is no news.
        self.era = 0
        self.failures = 0
        self.why = ""
        self.aside_until = 0.0
        self.last_used = 0
        self.probe: asyncio.Task[None] | None = None

    def has_room(self, size: int, now: float) -> bool:
        """Whether it can be given a job of so many bytes. One job always fits, however large it is."""
        if not self.up or now < self.aside_until:
            return False
        return not self.in_flight or (self.in_flight < self._window and self._bytes + size <= self._window_bytes)

    def enter(self, size: int, count: int) -> None:
        """A job goes there."""
        self.in_flight += 1
        self._bytes += size
        self.last_used = count

    def leave(self, size: int) -> None:
        """A job is no longer there."""
        self.in_flight -= 1
        self._bytes -= size

    def set_aside(self, now: float) -> None:
        """One more failure: a longer wait."""
        self.up = False
        self.failures += 1
        shortest, longest = _BACKOFF
        self.aside_until = now + min(longest, shortest * 2 ** min(self.failures - 1, 30)) * random.uniform(0.5, 1.0)

    async def reachable(self) -> bool:
        """Whether a connection comes to stand within a while."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PROBE_SECONDS
        while not self.connection.connected():
            if loop.time() >= end:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True
