"""The servers of one client on one event loop: who gets the next job, who is set aside, and who is back.

A job goes to the server that has the fewest of our jobs in flight. A server that fails is set aside for a while that
doubles with each failure in a row; then its connection is tried, and it gets jobs again once it stands.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sandbox.client.errors import Closed, Unreachable
from sandbox.client.memory import Memory
from sandbox.client.server import PROBE_SECONDS, Server
from sandbox.client.settings import Settings
from sandbox.errors import SandboxError

_log = logging.getLogger("sandbox.client")

_FIRST_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A place for one job on one server."""

    server: Server
    era: int


@dataclass(slots=True)
class _Waiter:
    size: int
    avoid: Server | None
    turn: asyncio.Future[Server]


class Fleet:
    """Gives out places. To be used on one event loop only."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        self.servers = [Server(address, settings) for address in settings.addresses]
        self._settings, self._memory = settings, memory
        self._loop = asyncio.get_running_loop()
        self._waiters: deque[_Waiter] = deque()
        self._down_since: float | None = None
        self._give_up: asyncio.TimerHandle | None = None
        self._given = 0
        self._closed = False

    @asynccontextmanager
    async def lease(self, size: int, avoid: Server | None = None) -> AsyncIterator[Lease]:
        """A place on the least loaded server, not on `avoid` if another is up. Raises Unreachable when none is."""
        server = await self._place(size, avoid)
        try:
            yield Lease(server, server.era)
        finally:
            server.leave(size)
            self._pump()

    @property
    def all_down(self) -> bool:
        """Whether no server is up."""
        return self._down_since is not None

    def has_other(self, server: Server) -> bool:
        """Whether any other server is up."""
        return any(each.up for each in self.servers if each is not server)

    def answered(self, lease: Lease) -> None:
        """The server gave an answer, so all is well with it."""
        self._memory.reached = True
        if lease.era == lease.server.era:
            lease.server.failures = 0

    def busy(self, lease: Lease, seconds: float) -> None:
        """The server's queue is full: nothing goes there for a while."""
        until = self._loop.time() + seconds * random.uniform(1.0, 1.5)
        lease.server.aside_until = max(lease.server.aside_until, until)
        self._loop.call_at(until, self._pump)

    def failed(self, lease: Lease, why: str) -> None:
        """The server is gone, as far as this lease could see."""
        server = lease.server
        if self._closed or lease.era != server.era:
            return
        _log.warning("%s fails: %s", server.connection.address, why)
        server.era += 1
        server.why = why
        server.set_aside(self._loop.time())
        if not any(each.up for each in self.servers):
            self._down_since = self._loop.time()
        self._look_after_waiters()

    async def close(self) -> None:
        """Hangs up everywhere."""
        self._closed = True
        self._turn_away(Closed)
        for server in self.servers:
            if server.probe is not None:
                server.probe.cancel()
            await server.connection.close()

    async def _place(self, size: int, avoid: Server | None) -> Server:
        if self._closed:
            raise Closed
        if not self._waiters and (server := self._best(size, avoid)) is not None:
            self._enter(server, size)
            self._look_after_waiters()
            return server
        waiter = _Waiter(size, avoid, self._loop.create_future())
        self._waiters.append(waiter)
        self._look_after_waiters()
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
                waiter.turn.result().leave(size)
                self._pump()
            raise

    def _best(self, size: int, avoid: Server | None) -> Server | None:
        now = self._loop.time()
        wanted = [server for server in self.servers if server is not avoid]
        if not any(server.up for server in wanted):
            wanted = self.servers
        free = [server for server in wanted if server.has_room(size, now)]
        return min(free, key=lambda server: (server.in_flight, server.last_used), default=None)

    def _enter(self, server: Server, size: int) -> None:
        self._given += 1
        server.enter(size, self._given)

    def _pump(self) -> None:
        """Gives places to those who wait, in their order."""
        while self._waiters:
            waiter = self._waiters[0]
            if not waiter.turn.done():
                server = self._best(waiter.size, waiter.avoid)
                if server is None:
                    return
                self._enter(server, waiter.size)
                waiter.turn.set_result(server)
            self._waiters.popleft()

    def _look_after_waiters(self) -> None:
        """Sees to it that every server which is down is tried again, and that nobody waits for ever."""
        if self._closed:
            return
        for server in self.servers:
            if not server.up and (server.probe is None or server.probe.done()):
                server.probe = self._loop.create_task(self._bring_back(server))
        if self._down_since is not None and self._waiters and self._give_up is None:
            patience = self._settings.patience
            if not self._memory.reached:
                patience = min(patience, _FIRST_PATIENCE)
            end = max(self._down_since + patience, self._loop.time() + PROBE_SECONDS)
            self._give_up = self._loop.call_at(end, self._turn_away, self.unreachable)

    async def _bring_back(self, server: Server) -> None:
        while True:
            await asyncio.sleep(server.aside_until - self._loop.time())
            if await server.reachable():
                break
            server.set_aside(self._loop.time())
            if not self._waiters:
                return
        _log.info("%s can be reached again", server.connection.address)
        self._memory.reached = True
        server.up = True
        self._down_since = None
        self._stop_the_clock()
        self._pump()

    def _turn_away(self, error: Callable[[], SandboxError]) -> None:
        self._stop_the_clock()
        for waiter in self._waiters:
            if not waiter.turn.done():
                waiter.turn.set_exception(error())
        self._waiters.clear()

    def _stop_the_clock(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None

    def unreachable(self) -> Unreachable:
        """Why no server can be had, as the last attempt at each put it."""
        whys = dict.fromkeys(server.why for server in self.servers if server.why)
        return Unreachable(self._settings.addresses, "; ".join(whys) or "no attempt to connect succeeded")
