"""The way out of a jail that leads to its clone of a PostgreSQL database."""

from __future__ import annotations

import asyncio
import socket

import psycopg

from sandbox.effects.blobs import Blobs
from sandbox.effects.postgres.branch import Branch, Branches
from sandbox.effects.postgres.relay import Relay
from sandbox.model.effects import Effect
from sandbox.model.outcome import JailFault
from sandbox.model.plan import EGRESS_PORT
from sandbox.undo.ways_out import WayOut


class CloneOut(WayOut):
    """Owns the clone: it is dropped by `stop`."""

    opens = True

    def __init__(self, session: Branches, clone: Branch, blobs: Blobs, rows: int) -> None:
        self._session, self._clone, self._blobs, self._rows = session, clone, blobs, rows
        self._relay: asyncio.Future[Relay] | None = None
        # Programs reach it by the socket that listens in their jail.
        self.environment = {
            **clone.environment,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(EGRESS_PORT),
            "PGSSLMODE": "disable",
        }

    def on_listener(self, listener: socket.socket) -> None:
        """Serves it."""
        self._relay = asyncio.ensure_future(self._start(listener))

    async def stop(self) -> list[Effect]:
        """The rows that changed in the clone, which is dropped."""
        if self._relay is not None:
            await (await self._relay).stop()
        return await asyncio.to_thread(self._collect)

    async def _start(self, listener: socket.socket) -> Relay:
        # As libpq names the socket of a server in its folder.
        relay = Relay(listener, f"{self._clone.socket_folder}/.s.PGSQL.{self._clone.environment['PGPORT']}")
        await relay.start()
        return relay

    def _collect(self) -> list[Effect]:
        try:
            try:
                return self._session.collect(self._clone, self._blobs.put_bytes, self._rows)
            finally:
                self._session.discard(self._clone)
        except psycopg.Error as error:
            raise JailFault(f"what it did to its database cannot be read: {error}") from error
