"""Runs one action: branch, jail, collection, records. What it changed is then held; nothing of it is in the world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.effects import lists
from sandbox.effects.adapter import Note, QuotaError
from sandbox.effects.branches.branch import Branch
from sandbox.effects.branches.collected import Collected, Rules, since
from sandbox.effects.branches.collected import refused as refused_files
from sandbox.effects.files.effects import to_effect
from sandbox.jail.pool import Pool
from sandbox.jail.workspace import Workspace as JailWorkspace
from sandbox.journal.journal import Entry, Journal
from sandbox.journal.record import Record
from sandbox.judge.classify import classify
from sandbox.model.effects import Effect, Json
from sandbox.model.outcome import Ended, JailFault
from sandbox.undo import told
from sandbox.undo.asked import Asked
from sandbox.undo.databases import Told, by_rows
from sandbox.undo.home import Home
from sandbox.undo.output import Output
from sandbox.undo.roots import Workspace
from sandbox.undo.rules import refused as refused_effects
from sandbox.undo.to_end import in_thread, to_end
from sandbox.undo.ways_out import WayOut, WaysOut

_SHOWN_ARGV, _SHOWN_ARGUMENT = 64, 512
_FINISH_S = 30


@dataclass(frozen=True, slots=True)
class Acted:
    """An action that has run. `refused`: rules that it broke; its effects are dropped then.

    `records`: all that was recorded of it so far; none where others may have recorded more.
    """

    action: str
    ended: Ended
    effects: tuple[Effect, ...]
    refused: tuple[str, ...]
    pre_root: str
    post_root: str
    records: tuple[Record, ...]


@dataclass(slots=True)
class Line:
    """Actions that follow each other in one branch: all that had changed when the last one ended."""

    collected: Collected | None = None


class Executor:
    """Runs actions in the cells of `pool`."""

    def __init__(self, home: Home, journal: Journal, pool: Pool | None, ways_out: WaysOut) -> None:
        self._home = home
        self._journal = journal
        self._pool = pool
        self._ways_out = ways_out
        self._output = Output(home.blobs)
        self._acting: set[asyncio.Task[Any]] = set()

    async def act(
        self,
        action: str,
        asked: Asked,
        workspace: Workspace,
        branch: Branch,
        line: Line | None = None,
        *,
        may_run: Callable[[], None] = lambda: None,
    ) -> Acted:
        """Runs it in `branch`, finds what changed, and records both. `line`: what came before it in the same branch.

        `may_run` is asked when the intent is recorded; what it raises is why the action does not run.

        Raises FaultError when the jail failed: the action is recorded as failed, and nothing of it is left.
        """
        session = workspace.name
        planned = planned_body(asked, workspace, self._home.owner)
        prepared = {"backend": branch.backend, "caps": list(branch.limits), "policy": asked.policy.hash}
        intent = [
            Entry("planned", planned, action, session, asked.principal, asked.traceparent),
            Entry("prepared", prepared, action, session, asked.principal),
        ]
        # Before anything could be seen outside of the branch, by calls or by a commit; and before a key is looked at.
        alone = not asked.policy.table.actions.egress and not asked.idempotency_key
        begun = [] if alone else self._journal.append_many(intent)
        calls: list[Effect] = []
        task = asyncio.current_task()
        assert task is not None
        self._acting.add(task)
        try:
            may_run()
            way_out = await self._ways_out.open(action, asked, self._note(action, session))
            try:
                mount = branch.again() if line and line.collected else branch.mount
                run = asyncio.ensure_future(self._run(asked, workspace, mount, way_out))
                if alone:
                    begun = await self._meanwhile(run, intent)
                ended = await run
            finally:
                await to_end(self._stop(way_out, calls))
            whole = await self._collect(branch, moves=line is None)
            collected = since(line.collected, whole) if line and line.collected else whole
            if line is not None:
                line.collected = whole
            changed = await self._effects(asked, collected, workspace, branch, calls)
            effects = changed.effects
            refused = self._refused(asked, collected, effects)
            entries = [("executed", self._executed(asked, ended, collected, changed))]
            if refused:
                entries.append(("denied", {"refused": told.lines(refused)}))
            done = self._journal.append_many(
                [Entry(kind, each, action, session, asked.principal) for kind, each in entries]
            )
        except OSError as error:
            self._failed(action, session, error, calls)
            raise JailFault(f"what it did cannot be recorded: {error}") from error
        except BaseException as error:
            # Whatever it was: an action that has begun has an end in the journal.
            self._failed(action, session, error, calls)
            raise
        finally:
            self._acting.discard(task)
        # The way out has its own records.
        records = () if asked.policy.table.actions.egress else (*begun, *done)
        return Acted(action, ended, effects, refused, changed.pre_root, changed.post_root, records)

    async def finish(self) -> None:
        """Cuts short what runs, and waits until its end is recorded."""
        for task in [*self._acting]:
            task.cancel()
        if self._acting:
            await asyncio.wait(self._acting, timeout=_FINISH_S)

    async def _stop(self, way_out: WayOut, calls: list[Effect]) -> None:
        """What was called goes into `calls`. It was seen already: what takes it back must not be lost."""
        calls += await way_out.stop()
        if calls:
            await asyncio.to_thread(self._home.blobs.barrier)

    async def _meanwhile(self, run: asyncio.Future[Ended], intent: Sequence[Entry]) -> list[Record]:
        """Records what is run while it runs: nobody can see it, so nobody has to wait for that."""
        try:
            # The jail has it when this comes back.
            await asyncio.sleep(0)
            return self._journal.append_many(intent)
        except BaseException:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            raise

    async def _collect(self, branch: Branch, *, moves: bool) -> Collected:
        # Most actions change nothing; waking a thread to see that takes longer than seeing it.
        if branch.untouched():
            return branch.collect(self._home.blobs, moves=moves)
        return await in_thread(branch.collect, self._home.blobs, moves=moves)

    async def _run(self, asked: Asked, workspace: Workspace, mount: int, way_out: WayOut) -> Ended:
        if self._pool is None:
            raise JailFault("nothing can be run here: no jails were started")
        on_listener = way_out.on_listener if way_out.opens else None
        jail = JailWorkspace(mount, workspace.uid, workspace.gid, on_listener)
        environment = {**way_out.environment, **dict(asked.test.environment)}
        test = replace(asked.test, environment=tuple(sorted(environment.items())))
        async with self._pool.cell(asked.plan) as cell:
            cell.open_program((*asked.files, *way_out.files), asked.test.limits.disk_bytes)
            return await cell.submit(test, last=True, workspace=jail)

    async def _effects(
        self, asked: Asked, found: Collected, workspace: Workspace, branch: Branch, calls: Sequence[Effect]
    ) -> Told:
        """All effects: of files, of rows, of what went out."""
        if not asked.databases or not found.changes:
            changed = Told(tuple(map(to_effect, found.changes)), found.pre_root, found.post_root)
        else:
            rows = max(1, asked.policy.table.actions.rows)
            changed = await in_thread(by_rows, found, asked.databases, workspace, branch, self._home.blobs, rows)
        return changed.with_others(calls) if calls else changed

    def _failed(self, action: str, session: str, error: BaseException, calls: Sequence[Effect]) -> None:
        """Nothing of its branch is left; calls that it had made are recorded, to be taken back."""
        why = str(error) or "cancelled"
        if calls:
            try:
                listed = lists.store(self._home.blobs, calls)
            except (QuotaError, OSError):
                # Without an end, and each call recorded by itself: the next recovery takes them back.
                return
            body = {"effects": listed, "count": len(calls), "class": lists.worst(calls).name}
            self._append("executed", action, session, body)
        self._append("failed", action, session, {"error": told.clipped(f"{type(error).__name__}: {why}", 2000)})

    def _note(self, action: str, session: str) -> Note:
        return self._journal.noting(action, session=session)

    def _refused(self, asked: Asked, collected: Collected, effects: Sequence[Effect]) -> tuple[str, ...]:
        if not effects and not collected.changes:
            return ()
        rules = asked.policy.table.actions
        files = Rules(rules.allow, rules.deny, rules.bytes, rules.inodes)
        return (*refused_files(collected.changes, files), *refused_effects(effects, rules))

    def _executed(self, asked: Asked, ended: Ended, collected: Collected, changed: Told) -> dict[str, Json]:
        effects = changed.effects
        worst = lists.worst(effects)
        body: dict[str, Json] = {
            "effects": lists.store(self._home.blobs, effects),
            "count": len(effects),
            "class": worst.name,
            "pre_root": changed.pre_root,
            "post_root": changed.post_root,
            "usage": {
                "cpu_us": int(ended.cpu_ms * 1000),
                "wall_us": int(ended.wall_ms * 1000),
                "peak_bytes": ended.peak_bytes,
            },
            "signal": ended.signal,
            **self._output.body(ended),
        }
        if ended.exit_code is not None:
            body["exit"] = ended.exit_code
        if changed.as_files:
            body["as_files"] = told.lines(changed.as_files)
        limit = classify(ended, asked.test.limits, ignore_exit_code=True)
        if limit is not None:
            body["ended_by"] = limit[0].name
        residue = dict.fromkeys(line for effect in effects for line in effect.residue)
        if residue:
            body["residue"] = told.lines(residue)
        if collected.foreign:
            body["foreign"] = told.differences(collected.foreign)
        return body

    def _append(self, kind: str, action: str, session: str, body: Mapping[str, Json]) -> None:
        self._journal.append(kind, body, action=action, session=session)


def planned_body(asked: Asked, workspace: Workspace, owner: str) -> dict[str, Json]:
    """Of the record "planned"."""
    body: dict[str, Json] = {
        "workspace": workspace.name,
        "argv": told.lines(argument[:_SHOWN_ARGUMENT] for argument in asked.argv[:_SHOWN_ARGV]),
        "mode": asked.mode,
        "request": asked.request_digest,
        "owner": owner,
    }
    if asked.idempotency_key:
        body["idempotency_key"] = asked.idempotency_key
    if asked.held:
        body["held"] = {"backend": asked.held.backend, "name": asked.held.name}
    if asked.branch:
        body["branch"] = asked.branch
    body["policy"] = asked.policy.name
    return body


def ended_well(ended: Ended) -> bool:
    """Whether the command itself succeeded."""
    return ended.exit_code == 0 and not ended.signal and not ended.oom


def held_until(seconds: int) -> int:
    """When something that is held from now on is dropped, in milliseconds since 1970."""
    return int((time.time() + seconds) * 1000)
