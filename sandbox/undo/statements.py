"""Runs an action that is SQL: on an open transaction of a live database, which then waits for commit or undo."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sandbox.effects import lists
from sandbox.effects.adapter import StatementError, UnsupportedError
from sandbox.effects.sqlite.apart import BusyError, HeldApart
from sandbox.effects.sqlite.opening import inside
from sandbox.errors import JobError, SetupError
from sandbox.journal.journal import Entry, Journal
from sandbox.model.effects import Effect, Json
from sandbox.model.outcome import End, Ended
from sandbox.undo import told
from sandbox.undo.asked import Asked
from sandbox.undo.clones import Clones
from sandbox.undo.databases import Told
from sandbox.undo.executor import Acted, planned_body
from sandbox.undo.holding import HOLD_S, Holding, Transaction
from sandbox.undo.home import Home
from sandbox.undo.output import CLIP, Output
from sandbox.undo.roots import Workspace
from sandbox.undo.rules import refused as refused_effects

# What a transaction has beyond its time, for the records; it ends by itself then, whatever became of us.
_SPARE_S = 10
_CAPS = {
    "sqlite": ("other writers of the file wait while it is held",),
    "postgres": (
        "rows that it wrote are locked while it is held",
        "numbers that were taken from sequences are not given back",
    ),
}


class Statements:
    """Executes them. What they did is in the database's own transaction, and nowhere else, until it is committed."""

    def __init__(self, home: Home, journal: Journal, holding: Holding, clones: Clones) -> None:
        self._home, self._journal, self._holding, self._clones = home, journal, holding, clones
        self._output = Output(home.blobs)

    async def act(self, action: str, asked: Asked, workspace: Workspace) -> Acted:
        """Runs it and records it. Its transaction is open afterwards where it succeeded, and rolled back otherwise.

        Raises JobError, UnsupportedError, QuotaError: nothing is held then, and the action is recorded as failed.
        """
        session, held = workspace.name, asked.held
        assert held is not None
        planned = planned_body(asked, workspace, self._home.owner)
        prepared: dict[str, Json] = {"backend": f"{held.backend} transaction", "caps": list(_CAPS[held.backend])}
        prepared["policy"] = asked.policy.hash
        begun = self._journal.append_many(
            [
                Entry("planned", planned, action, session, asked.principal, asked.traceparent),
                Entry("prepared", prepared, action, session, asked.principal),
            ]
        )
        try:
            ended, effects = await self._run(action, asked, workspace)
            refused = tuple(refused_effects(effects, asked.policy.table.actions))
            changed = Told((), "", "").with_others(effects) if effects else Told((), "", "")
            entries = [Entry("executed", self._executed(ended, changed), action, session, asked.principal)]
            if refused:
                entries.append(Entry("denied", {"refused": told.lines(refused)}, action, session, asked.principal))
            done = self._journal.append_many(entries)
        except BaseException as error:
            # Whatever it was: it has an end in the journal, and nothing stays open that nobody holds.
            self._holding.release(action)
            why = told.clipped(f"{type(error).__name__}: {str(error) or 'cancelled'}", 2000)
            self._journal.append("failed", {"error": why}, action=action, session=session)
            raise
        return Acted(action, ended, changed.effects, refused, changed.pre_root, changed.post_root, (*begun, *done))

    async def _run(self, action: str, asked: Asked, workspace: Workspace) -> tuple[Ended, tuple[Effect, ...]]:
        """In a thread, for as long as the policy lets it run; a caller who hangs up stops it."""
        assert asked.held is not None
        limit = asked.test.limits.wall_time_ms / 1000
        self._holding.reserve(action, workspace.name, asked.held.backend, asked.held.name)
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        work = loop.run_in_executor(self._holding.threads, self._execute, action, asked, workspace)
        try:
            done, _ = await asyncio.wait({work}, timeout=limit)
            if not done:
                await asyncio.to_thread(self._holding.stop, action)
            stdout, effects = await asyncio.shield(work)
        except StatementError as error:
            over = time.monotonic() - began >= limit
            said = f"{error.subject}: {error.why}\n" if error.why else f"{error.subject}\n"
            return _ended(began, stderr=said.encode(), end=End.WALL if over else End.EXIT, code=1), ()
        except asyncio.CancelledError:
            await asyncio.shield(self._abandon(action, work))
            raise
        return _ended(began, stdout), tuple(effects)

    async def _abandon(self, action: str, work: asyncio.Future[tuple[bytes, list[Effect]]]) -> None:
        await asyncio.to_thread(self._holding.stop, action)
        await asyncio.wait({work})
        if not work.cancelled():
            work.exception()
        await asyncio.to_thread(self._holding.release, action)

    def _execute(self, action: str, asked: Asked, workspace: Workspace) -> tuple[bytes, list[Effect]]:
        """All statements, and what they did. On any error nothing is open any more."""
        try:
            transaction = self._open(action, asked, workspace)
            if not self._holding.opened(action, transaction):
                raise StatementError("it was stopped before it began")
            stdout = b""
            for statement in asked.statements:
                stdout = transaction.answer(statement, CLIP) or stdout
            effects = transaction.effects(action, asked.policy.table.actions.rows)
        except BaseException:
            # Whatever it was: nothing may stay open that nobody asked to hold.
            self._holding.release(action)
            raise
        return stdout, effects

    def _open(self, action: str, asked: Asked, workspace: Workspace) -> Transaction:
        """Raises JobError, UnsupportedError, StatementError."""
        assert asked.held is not None
        name, blobs = asked.held.name, self._home.blobs
        ttl = asked.test.limits.wall_time_ms / 1000 + HOLD_S + _SPARE_S
        if asked.held.backend == "postgres":
            return self._open_postgres(action, name, ttl)
        folder = Path(f"/proc/self/fd/{workspace.fd}")
        try:
            return HeldApart(inside(folder, name), name, blobs, ttl=ttl)
        except BusyError as error:
            raise JobError(
                "databases",
                f"{name}: somebody else is writing to it",
                "try again when they are done",
                reject="FAILED_PRECONDITION",
            ) from error

    def _open_postgres(self, action: str, name: str, ttl: float) -> Transaction:
        import psycopg

        from sandbox.effects.postgres.held import Held
        from sandbox.effects.postgres.pending import Watched

        watched = Watched(self._clones.conninfo(name), name, self._home.blobs.put_bytes)
        try:
            found = Held(self._clones.role(name), ttl=ttl, watched=watched)
        except psycopg.Error as error:
            raise JobError(
                "databases",
                f"{name}: {str(error).strip()}",
                "look at the database server",
                reject="FAILED_PRECONDITION",
            ) from error
        except (SetupError, UnsupportedError) as error:
            raise JobError(
                "databases", f"{error.subject}: {error.why}", error.fix, reject="FAILED_PRECONDITION"
            ) from error
        found.begin(action)
        return found

    def _executed(self, ended: Ended, changed: Told) -> dict[str, Json]:
        body: dict[str, Json] = {
            "effects": lists.store(self._home.blobs, changed.effects),
            "count": len(changed.effects),
            "class": lists.worst(changed.effects).name,
            "pre_root": changed.pre_root,
            "post_root": changed.post_root,
            "usage": {"cpu_us": 0, "wall_us": int(ended.wall_ms * 1000), "peak_bytes": 0},
            "signal": 0,
            "exit": ended.exit_code,
            **self._output.body(ended),
        }
        if ended.end is End.WALL:
            body["ended_by"] = "TIME_LIMIT"
        residue = dict.fromkeys(line for effect in changed.effects for line in effect.residue)
        if residue:
            body["residue"] = told.lines(residue)
        return body


def _ended(began: float, stdout: bytes = b"", stderr: bytes = b"", end: End = End.EXIT, code: int = 0) -> Ended:
    wall_ms = (time.monotonic() - began) * 1000
    return Ended(end, code, 0, 0, wall_ms, 0, False, 0, stdout, stderr, len(stdout), len(stderr))
