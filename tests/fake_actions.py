"""Actions in memory: what the service, the command line and the client are tested with. Nothing is run or written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sandbox.errors import JobError
from sandbox.undo.runtime import Rescored
from sandbox.v1 import action_pb2

Action, Effect = action_pb2.Action, action_pb2.Effect
_LANDED = (Action.COMMITTED, Action.HELD)


class Run:
    """What a command of the fake does: its exit, its output, its effects."""

    def __init__(self, *effects: Effect, exit_code: int = 0, stdout: bytes = b"", stderr: bytes = b"") -> None:
        self.effects, self.exit_code, self.stdout, self.stderr = effects, exit_code, stdout, stderr


class _Unscored:
    """No verdict of jobs without a workspace is kept."""

    async def record(self, *_: object) -> None:
        """Nothing."""


class FakeActions:
    """`Actions`; what each command does is in `runs`, by its first word. `foreign`: resources that others changed."""

    def __init__(self, **runs: Run | Exception) -> None:
        self.scored = _Unscored()
        self.runs: dict[str, Run | Exception] = {"true": Run(), "false": Run(exit_code=1), **runs}
        self.foreign: set[str] = set()
        self.actions: dict[str, Action] = {}
        self.effects: dict[str, tuple[Effect, ...]] = {}
        self.asked: list[Any] = []
        self.keys: dict[str, tuple[bytes, action_pb2.ExecuteResponse]] = {}
        self.branches: set[str] = set()
        self.problems: list[str] = []
        self.changes: list[action_pb2.WatchResponse] = []
        self.cancelled: list[str] = []
        self.watching = 0
        self.gate: asyncio.Event | None = None
        self.before: Callable[[Any], None] = lambda request: None
        self._changed = asyncio.Condition()

    async def execute(self, request: action_pb2.ExecuteRequest) -> action_pb2.ExecuteResponse:
        self._ask(request)
        known = self.keys.get(request.idempotency_key)
        if known is not None:
            if known[0] != request.SerializeToString(deterministic=True):
                raise JobError("idempotency_key", "was used for another request", "take a new one")
            return known[1]
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append("execute")
            raise
        run = self.runs.get((request.command or request.statements)[0])
        if run is None:
            raise JobError("command[0]", f"{request.command[0]!r} is not found", "name a program", reject="NOT_FOUND")
        if isinstance(run, Exception):
            raise run
        if request.branch:
            self.branches.add(request.branch)
        action = self._new(run.effects, workspace=request.workspace, command=request.command, mode=request.mode)
        action.branch, action.exit_code, action.principal = request.branch, run.exit_code, request.principal
        action.cpu_ms, action.wall_ms, action.peak_memory_bytes = 3.2, 12.5, 8 << 20
        action.status = Action.HELD
        if request.mode == Action.DRY_RUN:
            action.status = Action.DISCARDED
        elif request.mode == Action.COMMIT and not run.exit_code:
            if conflicts := self._conflicts(action.id):
                action.error = f"{len(conflicts)} resources changed since"
            else:
                action.status = Action.COMMITTED
        await self._note("executed", action)
        answer = action_pb2.ExecuteResponse(action=action, stdout=run.stdout, stderr=run.stderr)
        if request.idempotency_key:
            self.keys[request.idempotency_key] = request.SerializeToString(deterministic=True), answer
        return answer

    async def list_actions(self, request: action_pb2.ListActionsRequest) -> action_pb2.ListActionsResponse:
        self._ask(request)
        found = [
            action
            for action in reversed(self.actions.values())
            if request.workspace in ("", action.workspace) and request.branch in ("", action.branch)
        ]
        return action_pb2.ListActionsResponse(actions=found[: request.limit or 50])

    async def get(self, request: action_pb2.GetActionRequest) -> Action:
        self._ask(request)
        return self._find(request.id)

    async def diff(self, request: action_pb2.DiffRequest) -> action_pb2.DiffResponse:
        self._ask(request)
        action = self._find(request.id)
        effects = []
        for each in self.effects[action.id]:
            effects.append(Effect())
            effects[-1].CopyFrom(each)
            if not request.text_bytes:
                effects[-1].ClearField("text")
        return action_pb2.DiffResponse(action=action, effects=effects)

    async def commit(self, request: action_pb2.CommitRequest) -> action_pb2.TransitionResponse:
        self._ask(request)
        return await self._lead(self._find(request.id), Action.COMMITTED, (Action.HELD, Action.COMMITTED))

    async def undo(self, request: action_pb2.UndoRequest) -> action_pb2.TransitionResponse:
        self._ask(request)
        if request.branch:
            return await self._discard(request)
        action = self._find(request.id or request.to)
        if request.to:
            names = [*self.actions]
            later = [self.actions[name] for name in reversed(names[names.index(action.id) + 1 :])]
            for each in later:
                await self._lead(each, Action.UNDONE, _LANDED)
            return action_pb2.TransitionResponse(action=action, done=True, actions=[each.id for each in later])
        if request.dry_run:
            conflicts = self._conflicts(action.id)
            return action_pb2.TransitionResponse(action=action, message="would be taken back", conflicts=conflicts)
        target = Action.DISCARDED if action.status == Action.HELD else Action.UNDONE
        return await self._lead(action, target, (*_LANDED, Action.UNDONE, Action.DISCARDED))

    async def redo(self, request: action_pb2.RedoRequest) -> action_pb2.TransitionResponse:
        self._ask(request)
        old = self._find(request.id)
        if old.status != Action.UNDONE:
            raise JobError("id", f"{old.id} is not undone", "`sandbox undo` first", reject="FAILED_PRECONDITION")
        new = self._new(self.effects[old.id], workspace=old.workspace, command=old.command, redo_of=old.id)
        new.status, old.redone_by = Action.COMMITTED, new.id
        await self._note("redone", new)
        return action_pb2.TransitionResponse(action=new, done=True, actions=[new.id])

    async def verify(self, request: action_pb2.VerifyRequest) -> action_pb2.VerifyResponse:
        self._ask(request)
        found = action_pb2.VerifyResponse(
            ok=True, records=len(self.changes), root="ab" * 32, checkpoint="fake\n1\nab\n"
        )
        if request.id:
            found.differences.extend(self._conflicts(self._find(request.id).id))
        found.problems.extend(self.problems)
        found.ok = not found.problems and not found.differences
        return found

    async def watch(self, request: action_pb2.WatchRequest) -> AsyncGenerator[action_pb2.WatchResponse, None]:
        self._ask(request)
        number = request.from_record - 1 if request.from_record else len(self.changes)
        self.watching += 1
        try:
            while True:
                while number < len(self.changes):
                    number += 1
                    yield self.changes[number - 1]
                async with self._changed:
                    if number == len(self.changes):
                        await self._changed.wait()
        finally:
            self.watching -= 1

    async def recover(self) -> list[str]:
        return ["action a1 was cut short: taken back"]

    async def collect_garbage(self) -> dict[str, int]:
        return {"held actions dropped": 2, "blobs": 3, "bytes": 4096}

    async def rescore(self, scheme: str, params: Mapping[str, Any], actions: Sequence[str]) -> list[Rescored]:
        self.asked.append((scheme, dict(params), [*actions]))
        return [Rescored("a1", 0.0, 0.5), Rescored("a2", None, None, "a fault")]

    def _ask(self, request: Any) -> None:
        self.asked.append(request)
        self.before(request)

    def _new(self, effects: Sequence[Effect], **fields: Any) -> Action:
        worst = max((each.effect_class for each in effects), default=Effect.PURE)
        number = len(self.actions) + 1
        action = Action(
            id=f"a{number}", effects=len(effects), effect_class=worst, created_ms=1_700_000_000_000 + number, **fields
        )
        action.residue.extend(sorted({each for effect in effects for each in effect.residue}))
        self.actions[action.id], self.effects[action.id] = action, tuple(effects)
        return action

    def _find(self, name: str) -> Action:
        if name in self.actions:
            return self.actions[name]
        found = [action for key, action in self.actions.items() if key.startswith(name)]
        if not found:
            raise JobError("id", f"no action is called {name!r}", "`sandbox log` lists them", reject="NOT_FOUND")
        if len(found) > 1:
            raise JobError("id", f"{len(found)} actions begin with {name!r}", "give more of it")
        return found[0]

    def _conflicts(self, name: str) -> list[action_pb2.Difference]:
        return [
            action_pb2.Difference(resource=each.resource, facet="content", expected="ours", found="theirs")
            for each in self.effects[name]
            if each.resource in self.foreign
        ]

    async def _lead(self, action: Action, to: int, allowed: tuple[int, ...]) -> action_pb2.TransitionResponse:
        if action.status not in allowed:
            name = Action.Status.Name(action.status)
            raise JobError("id", f"{action.id} is {name}", "look at `sandbox show`", reject="FAILED_PRECONDITION")
        if action.status != Action.HELD or to != Action.DISCARDED:
            conflicts = self._conflicts(action.id)
            if conflicts:
                return action_pb2.TransitionResponse(action=action, conflicts=conflicts)
        if action.status != to:
            action.status = to
            await self._note(Action.Status.Name(to).lower(), action)
        return action_pb2.TransitionResponse(action=action, done=True, actions=[action.id], residue=action.residue)

    async def _discard(self, request: action_pb2.UndoRequest) -> action_pb2.TransitionResponse:
        if request.branch not in self.branches:
            raise JobError("branch", f"no branch is called {request.branch!r}", reject="NOT_FOUND")
        self.branches.discard(request.branch)
        held = [each for each in self.actions.values() if each.branch == request.branch and each.status == Action.HELD]
        for each in held:
            each.status = Action.DISCARDED
        return action_pb2.TransitionResponse(done=True, actions=[each.id for each in held])

    async def _note(self, kind: str, action: Action) -> None:
        change = action_pb2.WatchResponse(record=len(self.changes) + 1, kind=kind)
        change.action.CopyFrom(action)
        async with self._changed:
            self.changes.append(change)
            self._changed.notify_all()


def opened(actions: FakeActions) -> Callable[..., Any]:
    """In the place of `sandbox.undo.open_actions`."""

    @asynccontextmanager
    async def open_actions(*_: object, **__: object) -> AsyncIterator[FakeActions]:
        # A condition belongs to one event loop.
        actions._changed = asyncio.Condition()
        yield actions

    return open_actions
