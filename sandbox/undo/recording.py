"""What transitions and recovery write into the journal, and what they answer where something stood in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.effects.adapter import ConflictError, Note, QuarantinedError
from sandbox.journal.fold import ActionState
from sandbox.journal.journal import Journal
from sandbox.model.effects import Effect, Json, Side
from sandbox.undo import told
from sandbox.undo.outcome import Outcome
from sandbox.undo.rules import is_irreversible


class Recorder:
    """Appends records on actions, in the name of one principal."""

    def __init__(self, journal: Journal, principal: str) -> None:
        self._journal = journal
        self._principal = principal

    def append(self, kind: str, state: ActionState, body: Mapping[str, Json], *, durable: bool = False) -> None:
        """A record on the action of `state`."""
        self.append_as(state.action, kind, state, body, durable=durable)

    def append_as(
        self, action: str, kind: str, state: ActionState, body: Mapping[str, Json], *, durable: bool = False
    ) -> None:
        """A record on another action of the same session."""
        self._journal.append(
            kind, body, action=action, session=state.session, principal=self._principal, durable=durable
        )

    def note(self, state: ActionState) -> Note:
        """For a backend that leads the action's effects."""
        return self._journal.noting(state.action, session=state.session, principal=self._principal)

    def conflict(self, state: ActionState, conflict: ConflictError, of: str) -> Outcome:
        """Somebody else was there: nothing was changed."""
        self.append("undo_conflict", state, {"of": of, "differences": told.differences(conflict.differences)})
        return Outcome(False, "changed since, by somebody else: nothing was done", (), conflict.differences)

    def quarantine(self, state: ActionState, left: QuarantinedError, effects: Sequence[Effect], to: Side) -> Outcome:
        """All but what `left` names is at that side."""
        body: dict[str, Json] = {"error": told.clipped(str(left)), "differences": told.differences(left.differences)}
        body |= {"to": to, "effects": state.effects, "landed": dict(left.applied.landed or {})}
        if to == "post":
            body["irreversible"] = sum(map(is_irreversible, effects))
        self.append("quarantined", state, body, durable=True)
        what = "taken back" if to == "pre" else "done"
        return Outcome(
            False,
            f"some of it could not be {what} and is left to a person; all else was",
            (state.action,),
            left.differences,
            left.applied.residue,
        )
