"""PostgreSQL databases that actions may use: a clone for each action, behind the only socket that it can reach."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.effects.blobs import Blobs
from sandbox.errors import JobError, nearest
from sandbox.model.outcome import JailFault
from sandbox.undo.to_end import to_end

if TYPE_CHECKING:
    from sandbox.effects.postgres.branch import Branches
    from sandbox.undo.ways_out import WayOut


_log = logging.getLogger("sandbox")


class Clones:
    """By the names that the server was started with. `databases`: connection strings of superusers.

    `roles`: of those that statements of held transactions run as.
    """

    def __init__(self, databases: Mapping[str, str], roles: Mapping[str, str] | None = None) -> None:
        self._databases = databases
        self._roles = roles or {}
        self._sessions: dict[str, Branches] = {}

    def conninfo(self, name: str) -> str:
        """How to reach a database. Raises JobError for one that the server does not know."""
        if name not in self._databases:
            fix = nearest(name, self._databases) if self._databases else "sandbox serve --postgres NAME=CONNINFO"
            raise JobError("databases", f"no database is called {name!r}", fix, reject="NOT_FOUND")
        return self._databases[name]

    def role(self, name: str) -> str:
        """How statements reach a database. Raises JobError where the server was not told."""
        self.conninfo(name)
        if name not in self._roles:
            raise JobError(
                "databases",
                f"no role is named that statements on {name!r} run as",
                "start the server with one (statement_roles), or use mode BRANCH with a command",
                reject="FAILED_PRECONDITION",
            )
        return self._roles[name]

    async def open(self, name: str, blobs: Blobs, rows: int) -> WayOut:
        """A clone, and the way to it. Raises JobError, JailFault."""
        import psycopg

        from sandbox.undo.clone_out import CloneOut

        conninfo = self.conninfo(name)
        session = self._sessions.get(name)
        if session is None:
            from sandbox.effects.postgres.branch import Branches

            session = self._sessions[name] = Branches(conninfo, name, secrets.token_hex(6))
        opening = asyncio.ensure_future(asyncio.to_thread(session.open))
        try:
            return CloneOut(session, await to_end(opening), blobs, rows)
        except psycopg.Error as error:
            raise JailFault(f"no clone of {name}: {error}") from error
        except asyncio.CancelledError:
            if opening.done() and not opening.cancelled() and opening.exception() is None:
                await asyncio.to_thread(session.discard, opening.result())
            raise

    def renew(self, name: str) -> None:
        """The database was changed: the next clone is of what it is now. Blocking."""
        session = self._sessions.pop(name, None)
        if session is not None:
            import psycopg

            try:
                session.close()
            except psycopg.Error as error:
                # What led was led; the next start sweeps what is left of a session.
                _log.warning("the clones of %s could not be dropped: %s", name, error)

    def close(self) -> None:
        """Drops what is left."""
        for name in [*self._sessions]:
            self.renew(name)
