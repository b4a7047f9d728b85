"""Transitions that have an end in the journal, and may have lost what they did when the machine went down.

Their renames need not have been flushed when somebody was told of them. What leads there again was, before the first
of them, and lies in the stage until a flush is behind them: a stage that is found is led forward once more.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.effects.blobs import SpoiltError
from sandbox.effects.files import kernel
from sandbox.effects.files.effects import BACKEND
from sandbox.effects.files.landed import from_landed
from sandbox.effects.files.live import FilesLive
from sandbox.effects.lists import load
from sandbox.errors import JobError, SandboxError
from sandbox.journal.fold import ActionState
from sandbox.journal.record import Record
from sandbox.model.effects import Effect, Json, Side
from sandbox.undo.home import Home
from sandbox.undo.leaders import Leaders
from sandbox.undo.recording import Recorder
from sandbox.undo.states import States

# Where an action's effects are, as far as its records say.
_SIDES = {"committed": "post", "undone": "pre"}


class Settling:
    """Looks at what transitions left in workspaces and in the home. Blocking; restartable."""

    def __init__(self, home: Home, states: States, leaders: Leaders, recorder: Recorder) -> None:
        self._home = home
        self._states = states
        self._leaders = leaders
        self._recorder = recorder
        # Actions that could not be dealt with now.
        self.left: list[str] = []

    def run(self, begun: Iterable[Record]) -> list[str]:
        """A sentence for each transition of `begun`, records of that kind, that was led forward again."""
        self.left = []
        by_workspace: dict[str, list[Record]] = {}
        for record in sorted(begun, key=lambda record: record.seq):
            if record.body.get("backend") == BACKEND and "boot" in record.body:
                by_workspace.setdefault(record.session, []).append(record)
        found: list[str] = []
        for workspace, records in by_workspace.items():
            try:
                found += self._workspace(workspace, records)
            except (SandboxError, OSError) as error:
                # A folder that is gone holds nothing that could be settled.
                if not isinstance(error, JobError) or error.reject != "NOT_FOUND":
                    self.left.append(records[-1].action)
                    found.append(f"{records[-1].action}: left as it is: {error}")
        if not self.left:
            self._home.finished.adopt()
        return found

    def _workspace(self, workspace: str, records: list[Record]) -> list[str]:
        # In this life of the machine nothing was lost.
        if all(record.body["boot"] == kernel.boot() for record in records):
            return []
        with self._leaders.files(workspace) as files:
            if files.stages().isdisjoint(record.body["stage"] for record in records):
                return []
            with self._home.lock(workspace):
                # The flush of a later one was one of all before it. What was cut short is recovered after this.
                ended = [record for record in records if not self._is_under_way(record)]
                return self._settled(files, ended[-1]) if ended else []

    def _is_under_way(self, record: Record) -> bool:
        under_way = self._states.get(record.action).transitions.get(BACKEND, {})
        return bool(under_way.get("stage") == record.body["stage"])

    def _settled(self, files: FilesLive, record: Record) -> list[str]:
        """Leads one forward again, and says so; nothing where all of it is there."""
        begun, state = record.body, self._states.get(record.action)
        if begun["boot"] == kernel.boot() or begun["stage"] not in files.stages():
            return []
        to: Side = "post" if begun["to"] == "post" else "pre"
        side = files.recover(begun, self._recorder.note(state))
        effects = load(self._home.blobs, state.effects)
        own = [effect for effect in effects if effect.backend == BACKEND]
        if side == to:
            if _SIDES.get(state.status) == to and not self._is_known(state, own, to):
                self._append(state, files, own, to, to)
            return [f"{record.action}: what may not have been on disk when the machine went down is there"]
        why = "somebody changed what was not yet on disk when the machine went down; all of it was taken back"
        if len(own) != len(effects):
            self._recorder.append("in_doubt", state, {"error": why}, durable=True)
        self._append(state, files, own, side, to)
        return [f"{record.action}: {why}"]

    def _append(self, state: ActionState, files: FilesLive, own: list[Effect], side: Side, to: Side) -> None:
        landed: dict[str, Json] = {**state.landed, BACKEND: files.mark(own, side)}
        body: dict[str, Json] = {"side": side, "to": to, "effects": state.effects, "landed": landed}
        self._recorder.append("recovered", state, body, durable=True)

    def _is_known(self, state: ActionState, own: list[Effect], side: Side) -> bool:
        """Whether the store still has what tells our inodes from others."""
        try:
            return from_landed(state.landed.get(BACKEND), side, len(own), self._home.blobs) is not None
        except (FileNotFoundError, SpoiltError, ValueError):
            return False
