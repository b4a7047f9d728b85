"""The verbs of `ActionService`, over the parts that do them: `Executor` runs, `Transitions` leads, `States` knows."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.catalog import Catalog
from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.lists import load
from sandbox.errors import JobError, SandboxError, nearest
from sandbox.journal.fold import fold
from sandbox.journal.journal import Journal
from sandbox.model.effects import Effect
from sandbox.planner import Planner
from sandbox.reward import Scheme, SchemeError
from sandbox.reward import scheme as scheme_named
from sandbox.undo import audit
from sandbox.undo.asked import Asked, asked
from sandbox.undo.branches import BranchBook
from sandbox.undo.executor import Acted, Executor, ended_well, held_until
from sandbox.undo.holding import HOLD_S, Holding
from sandbox.undo.home import Home
from sandbox.undo.keys import Keys
from sandbox.undo.leaders import Leaders
from sandbox.undo.outcome import Later, Outcome, new_id
from sandbox.undo.output import Output, found_content
from sandbox.undo.proof import prove
from sandbox.undo.recovery import Recovery
from sandbox.undo.retention import Retention
from sandbox.undo.roots import Roots, Workspace
from sandbox.undo.runtime import Rescored
from sandbox.undo.scored import ScoredRunner
from sandbox.undo.statements import Statements
from sandbox.undo.states import States
from sandbox.undo.to_end import Given, Result, in_thread, to_end
from sandbox.undo.transitions import Transitions
from sandbox.undo.views import action_message, effect_message, transition_message
from sandbox.v1 import action_pb2

_LATER: dict[int, Later] = {
    action_pb2.UndoRequest.REFUSE: "refuse",
    action_pb2.UndoRequest.CASCADE: "cascade",
    action_pb2.UndoRequest.REBASE: "rebase",
}
_LISTED = 100
# Bytes of files that are compared line by line for one answer.
_TEXTS = 16 << 20
_WATCH_S = 0.1
_log = logging.getLogger("sandbox")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the runtime stands on."""

    home: Home
    journal: Journal
    roots: Roots
    catalog: Catalog
    planner: Planner
    executor: Executor
    statements: Statements
    holding: Holding
    branches: BranchBook
    leaders: Leaders
    states: States
    transitions: Transitions
    recovery: Recovery
    retention: Retention


class ActionRuntime:
    """Implements `sandbox.undo.runtime.Actions`. `scored`: the joint with the reward server."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.scored = ScoredRunner(
            parts.home, parts.journal, parts.roots, parts.leaders, parts.branches, parts.executor, parts.planner
        )
        self._keys = Keys(parts.journal)
        self._output = Output(parts.home.blobs)
        # Transitions under way, whoever still waits for them.
        self._leads: set[asyncio.Future[Any]] = set()

    async def execute(self, request: action_pb2.ExecuteRequest) -> action_pb2.ExecuteResponse:
        """Runs an action; what it changed is held, committed or dropped, as `mode` says."""
        parts = self._parts
        wanted = asked(request, parts.catalog, parts.planner)
        with parts.roots.open(request.workspace) as workspace:
            key = wanted.idempotency_key, wanted.request_digest
            async with self._keys.turn(workspace.name, *key) as first:
                if first:
                    return self._answer(first)
                action = new_id()
                try:
                    acted = await self._act(action, wanted, workspace)
                except BaseException as error:
                    # However it failed: what it had called is not left behind.
                    await self._take_back(action)
                    if isinstance(error, UnsupportedError | QuotaError):
                        raise JobError("workspace", str(error), error.fix, reject="FAILED_PRECONDITION") from error
                    raise
                await self._settle(acted, wanted, workspace)
                return self._answer(action, acted)

    async def list_actions(self, request: action_pb2.ListActionsRequest) -> action_pb2.ListActionsResponse:
        """Actions, newest first."""
        name = ""
        if request.workspace:
            with self._parts.roots.open(request.workspace) as workspace:
                name = workspace.name
        found = self._parts.states.newest(name, request.limit or _LISTED, request.branch)
        return action_pb2.ListActionsResponse(actions=map(action_message, found))

    async def get(self, request: action_pb2.GetActionRequest) -> action_pb2.Action:
        """One action."""
        return action_message(self._parts.states.get(self._named(request.id)))

    async def diff(self, request: action_pb2.DiffRequest) -> action_pb2.DiffResponse:
        """Its effects."""
        state = self._parts.states.get(self._named(request.id))
        effects = await asyncio.to_thread(self._effects, state.effects)
        messages = await asyncio.to_thread(self._effect_messages, state.session, effects, request.text_bytes)
        return action_pb2.DiffResponse(action=action_message(state), effects=messages)

    async def commit(self, request: action_pb2.CommitRequest) -> action_pb2.TransitionResponse:
        """Promotes what is held."""
        action = self._named(request.id)
        return await self._led(action, await self._commit(action))

    async def undo(self, request: action_pb2.UndoRequest) -> action_pb2.TransitionResponse:
        """Takes back an action, all after one, or a whole branch."""
        transitions = self._parts.transitions
        if request.branch:
            return await self._discard_branch(request.branch)
        if request.to:
            to = self._named(request.to)
            return await self._led(to, await self._leading(transitions.undo_to, to, dry_run=request.dry_run))
        action = self._named(request.id)
        later = _LATER[request.later]
        return await self._led(action, await self._leading(transitions.undo, action, later, dry_run=request.dry_run))

    async def redo(self, request: action_pb2.RedoRequest) -> action_pb2.TransitionResponse:
        """Applies again what was undone."""
        action = self._named(request.id)
        outcome = await self._leading(self._parts.transitions.redo, action)
        return await self._led(outcome.actions[0] if outcome.actions else action, outcome)

    async def verify(self, request: action_pb2.VerifyRequest) -> action_pb2.VerifyResponse:
        """Proves the journal; with an id, also that the world is where the action left it."""
        action = self._named(request.id) if request.id else ""
        parts = self._parts
        return await asyncio.to_thread(prove, parts.journal, parts.transitions, action, request.checkpoint)

    async def watch(self, request: action_pb2.WatchRequest) -> AsyncGenerator[action_pb2.WatchResponse, None]:
        """Actions as they change, those of other processes as well, without an end."""
        journal = self._parts.journal
        name = request.workspace and os.path.realpath(request.workspace)
        seen = request.from_record - 1 if request.from_record else journal.size - 1
        while True:
            for record in journal.records(after=seen, session=name or None):
                seen = record.seq
                if record.action:
                    message = action_message(self._parts.states.get(record.action))
                    yield action_pb2.WatchResponse(record=record.seq, kind=record.kind, action=message)
            await asyncio.sleep(_WATCH_S)

    async def recover(self) -> list[str]:
        """What was found cut short, and what became of it: a sentence each."""
        return await asyncio.to_thread(self._parts.recovery.run)

    async def collect_garbage(self) -> dict[str, int]:
        """Drops what is past its time. Counts by name."""
        return await asyncio.to_thread(self._parts.retention.run)

    async def rescore(self, scheme: str, params: Mapping[str, Any], actions: Sequence[str]) -> list[Rescored]:
        """Verdicts of the journal under another scheme; nothing is run."""
        try:
            wanted = scheme_named(scheme, params)
        except SchemeError as error:
            raise JobError(error.field, error.message, error.suggestion) from error
        names = [self._named(action) for action in actions]
        return await asyncio.to_thread(self._rescore, wanted, names)

    def _rescore(self, scheme: Scheme, actions: Sequence[str]) -> list[Rescored]:
        found = []
        for record in self._parts.journal.records(kinds=("reward",)):
            if actions and record.action not in actions:
                continue
            try:
                (again,) = audit.rescore([record], scheme, self._parts.home.blobs)
                found.append(Rescored(record.action or again.job, again.before, again.after.value))
            except FileNotFoundError:
                found.append(Rescored(record.action, None, None, "its evidence was let go"))
        return found

    async def _act(self, action: str, wanted: Asked, workspace: Workspace) -> Acted:
        parts, rules = self._parts, wanted.policy.table.actions

        def first() -> None:
            """Another process may have taken the key at the same time: the journal says who was first."""
            led_to = self._keys.led_to(workspace.name, wanted.idempotency_key) if wanted.idempotency_key else action
            if led_to != action:
                raise JobError(
                    "idempotency_key", f"it is that of {led_to}, which runs", "ask again later", reject="ALREADY_EXISTS"
                )

        if wanted.held is not None:
            return await parts.statements.act(action, wanted, workspace)
        if not wanted.branch:
            with parts.branches.open(workspace, rules) as branch:
                return await parts.executor.act(action, wanted, workspace, branch, may_run=first)
        async with parts.branches.use(workspace, wanted.branch, wanted.branch_from, rules) as named:
            assert named.branch is not None
            named.spoilt = "was cut short in an action"
            acted = await parts.executor.act(action, wanted, workspace, named.branch, named.line, may_run=first)
            named.spoilt = "holds what the policy refused" if acted.refused else ""
            named.actions.append(action)
            return acted

    async def _settle(self, acted: Acted, wanted: Asked, workspace: Workspace) -> None:
        """What becomes of the effects now that they are known."""
        holding, action = self._parts.holding, acted.action
        if wanted.held and (acted.refused or not acted.effects or wanted.mode == "dry_run"):
            await asyncio.shield(asyncio.to_thread(holding.release, action))
        if acted.refused:
            await self._take_back(acted.action)
            return
        if not acted.effects:
            return
        if wanted.mode == "dry_run":
            self._append(acted.action, workspace, "discarded", {"by": "dry_run"})
            return
        seconds = wanted.policy.table.actions.hold_s
        if wanted.held:
            seconds = min(seconds, HOLD_S)
            holding.keep(action, seconds, partial(self._parts.transitions.drop, action, "ttl"))
        self._append(action, workspace, "held", {"until": held_until(seconds)})
        if wanted.mode == "commit" and ended_well(acted.ended):
            await self._commit(acted.action)

    async def _take_back(self, action: str) -> None:
        """What an action had called over HTTP, when it does not count."""
        try:
            await in_thread(self._parts.transitions.take_back_calls, action, "failed")
        except (SandboxError, OSError) as error:
            # Its end is in the journal with its calls: `undo` tries again.
            _log.warning("what %s had called was not taken back: %s", action, error)

    async def _commit(self, action: str) -> Outcome:
        policy = self._parts.states.get(action).planned.get("policy", "")
        known = self._parts.catalog.policies
        if policy not in known:
            raise JobError("id", f"its policy {policy!r} is gone", nearest(policy, known), reject="FAILED_PRECONDITION")
        return await self._leading(self._parts.transitions.commit, action, known[policy].table.actions)

    async def _leading(self, lead: Callable[Given, Outcome], *arguments: Given.args, **named: Given.kwargs) -> Outcome:
        """A transition that has begun is finished, whoever hangs up."""
        try:
            return await self._tracked(asyncio.to_thread(lead, *arguments, **named))
        except (UnsupportedError, QuotaError) as error:
            raise JobError("id", str(error), error.fix, reject="FAILED_PRECONDITION") from error
        except OSError as error:
            # A full disk, a database that somebody holds, a folder that went away under it: all of it was put back.
            message = f"nothing was changed: {error.strerror or error}"
            fix = "commit or undo what holds the database first, or try again"
            raise JobError("id", message, fix, reject="FAILED_PRECONDITION") from error

    async def _tracked(self, work: Awaitable[Result]) -> Result:
        future = asyncio.ensure_future(work)
        self._leads.add(future)
        future.add_done_callback(self._leads.discard)
        return await to_end(future)

    async def finish(self) -> None:
        """Ends what runs, and waits for what leads: to be called before the parts are closed."""
        await self._parts.executor.finish()
        if self._leads:
            await asyncio.wait(self._leads)

    async def _led(self, action: str, outcome: Outcome) -> action_pb2.TransitionResponse:
        return transition_message(outcome, self._parts.states.get(action))

    async def _discard_branch(self, name: str) -> action_pb2.TransitionResponse:
        workspaces = self._parts.branches.workspaces_of(name)
        if len(workspaces) > 1:
            raise JobError("branch", f"{name!r} is a branch of {len(workspaces)} workspaces", "name branches apart")
        actions = await self._parts.branches.discard(workspaces[0] if workspaces else "", name)
        drop = self._parts.transitions.drop
        dropped = await self._tracked(asyncio.to_thread(lambda: [each for each in actions if drop(each, "branch")]))
        return action_pb2.TransitionResponse(
            done=True, message=f"branch {name} and {len(dropped)} held actions are dropped", actions=dropped
        )

    def _answer(self, action: str, acted: Acted | None = None) -> action_pb2.ExecuteResponse:
        # Most actions change nothing: what was recorded of one is then at hand, and need not be looked up.
        known = acted.records if acted and not acted.effects else ()
        state = fold(known) if known else self._parts.states.get(action)
        stdout, stderr = self._output.of(state) if acted is None else self._output.clip(acted.ended)
        return action_pb2.ExecuteResponse(action=action_message(state), stdout=stdout, stderr=stderr)

    def _effects(self, digest: str) -> list[Effect]:
        try:
            return load(self._parts.home.blobs, digest)
        except FileNotFoundError:
            raise JobError("id", "its effects were let go", "they are past their time", reject="NOT_FOUND") from None

    def _effect_messages(self, workspace: str, effects: Sequence[Effect], text_bytes: int) -> list[action_pb2.Effect]:
        left = _TEXTS
        with self._parts.roots.open(workspace) if text_bytes else nullcontext() as opened:

            def contents(path: bytes, digest: str) -> bytes | None:
                nonlocal left
                if left <= 0:
                    return None
                fd = opened.fd if opened else -1
                found = found_content(self._parts.home.blobs, fd, path, digest, text_bytes)
                left -= len(found or b"")
                return found

            return [effect_message(each, contents, text_bytes) for each in effects]

    def _append(self, action: str, workspace: Workspace, kind: str, body: Mapping[str, Any]) -> None:
        self._parts.journal.append(kind, body, action=action, session=workspace.name)

    def _named(self, given: str) -> str:
        return self._parts.states.named(given)
