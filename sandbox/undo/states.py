"""What the journal says of actions: their state, their order, what they wrote."""

from __future__ import annotations

from sandbox.effects.blobs import Blobs
from sandbox.effects.lists import load
from sandbox.errors import JobError
from sandbox.journal.fold import ActionState, fold
from sandbox.journal.journal import Journal
from sandbox.journal.record import Record
from sandbox.model.effects import Effect
from sandbox.undo.history import Written

_PREFIX_SEARCH = 10_000
# Kinds that say that effects are in the workspace, or no longer.
LANDING = ("promoted", "redone", "reapplied", "undo_end", "recovered", "quarantined")


class States:
    """Looked up in the journal each time: other processes append to it as well."""

    def __init__(self, journal: Journal, blobs: Blobs) -> None:
        self._journal = journal
        self._blobs = blobs

    def get(self, action: str) -> ActionState:
        """The state of an action. Raises JobError where there is none."""
        records = list(self._journal.records(action=action))
        if not records:
            raise JobError("id", f"there is no action {action!r}", "`sandbox log` lists them", reject="NOT_FOUND")
        return fold(records)

    def is_known(self, action: str) -> bool:
        """Whether it has a record."""
        return next(iter(self._journal.records(action=action)), None) is not None

    def named(self, given: str) -> str:
        """The action whose id is, or alone begins with, `given`. Raises JobError."""
        if self.is_known(given):
            return given
        found = [name for name in self._journal.actions(_PREFIX_SEARCH) if name.startswith(given)]
        if len(found) == 1:
            return found[0]
        if found:
            raise JobError("id", f"{given!r} begins {len(found)} ids: {', '.join(found[:5])}", "write more of it")
        raise JobError("id", f"there is no action {given!r}", "`sandbox log` lists them", reject="NOT_FOUND")

    def newest(self, workspace: str, limit: int, branch: str = "") -> list[ActionState]:
        """The last begun first."""
        found: list[ActionState] = []
        before: str | None = None
        while len(found) < limit:
            names = self._journal.actions(limit, session=workspace or None, before=before)
            if not names:
                break
            before = names[-1]
            states = [self.get(name) for name in names]
            found += [state for state in states if not branch or state.planned.get("branch", "") == branch]
        return found[:limit]

    def committed(self, workspace: str) -> dict[str, str]:
        """Actions whose effects are in the workspace, in the order in which they got there: digests of their lists."""
        order: dict[str, str] = {}
        for record in self._journal.records(session=workspace, kinds=LANDING):
            if "backend" in record.body:
                continue  # what one backend reports of its part; where all of them are is told after it
            side = _side(record)
            if side == "post":
                # One whose undo was cut short and taken back was never gone: it keeps its place.
                order[record.action] = record.body.get("effects") or order.get(record.action, "")
            elif side == "pre":
                order.pop(record.action, None)
        return order

    def committed_since(self, state: ActionState, effects: list[Effect]) -> list[Written]:
        """It, with its `effects`, and those that were committed in its workspace after it. Empty where it is not."""
        order = [*self.committed(state.session).items()]
        names = [action for action, _ in order]
        if state.action not in names:
            return []
        later = order[names.index(state.action) + 1 :]
        return [Written(state.action, effects), *(Written(action, self._effects(each)) for action, each in later)]

    def _effects(self, digest: str) -> list[Effect]:
        """None where they were let go: who stands on what is then told by the state of the resources alone."""
        try:
            return load(self._blobs, digest)
        except FileNotFoundError:
            return []

    def irreversible(self, workspace: str) -> int:
        """Effects that cannot be taken back and were committed in the workspace."""
        kinds = ("promoted", "redone", "quarantined", "recovered")
        return sum(
            record.body.get("irreversible", 0) for record in self._journal.records(session=workspace, kinds=kinds)
        )


def _side(record: Record) -> str:
    """Where a record of `LANDING` says that the action's effects are; empty where it does not."""
    if record.kind in ("promoted", "redone", "reapplied"):
        return "post"
    if record.kind == "undo_end":
        return "pre"
    if record.kind == "quarantined":
        # A backend's own is of one effect, and tells nothing of the others.
        return str(record.body.get("to", "")) if "landed" in record.body else ""
    return str(record.body.get("side", ""))
