"""What is past its time: held actions are dropped, pre-images that nothing can need any more are let go."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sandbox.journal.fold import ActionState, fold
from sandbox.journal.journal import Journal
from sandbox.journal.record import Record
from sandbox.undo.home import Home
from sandbox.undo.lists import contents, digests, load
from sandbox.undo.transitions import Transitions

# Statuses whose effects may still be led somewhere.
_KEPT = frozenset({"planned", "running", "held", "committed", "undoing", "undone", "in_doubt", "quarantined"})
# What was put a moment ago may be about to be referred to.
_YOUNG_NS = 600 * 10**9


class Retention:
    """Drops and sweeps. `keep_s`: how long effects of ended actions stay undoable and redoable."""

    def __init__(self, home: Home, journal: Journal, transitions: Transitions, keep_s: int) -> None:
        self._home = home
        self._journal = journal
        self._transitions = transitions
        self._keep_s = keep_s

    def run(self) -> dict[str, int]:
        """Does all of it, and records what was let go. Counts by name. Blocking."""
        dropped = expired = 0
        keep: set[str] = set()
        now = time.time()
        for state in self._states():
            if state.status == "held" and float(state.until or 0) / 1000 < now:
                dropped += self._transitions.drop(state.action, "ttl")
                continue
            if state.status not in _KEPT or not state.effects:
                continue
            if state.status in ("committed", "undone") and state.ended / 1e9 + self._keep_s < now:
                self._journal.append("expired", {"effects": state.effects}, action=state.action, session=state.session)
                expired += 1
                continue
            keep |= self._needed(state)
        for record in self._journal.records(kinds=("reward",)):
            keep.update(filter(None, [record.body.get("vector_blob")]))
        count, freed = self._home.blobs.sweep(keep, time.time_ns() - _YOUNG_NS)
        found = {"dropped": dropped, "expired": expired, "blobs": count, "bytes": freed}
        self._journal.append("gc", found, durable=True)
        return found

    def _needed(self, state: ActionState) -> set[str]:
        needed = {state.effects}
        needed |= {state.executed[name] for name in ("stdout_blob", "stderr_blob") if name in state.executed}
        needed |= digests([*state.transitions.values(), state.landed])
        try:
            return needed | contents(load(self._home.blobs, state.effects))
        except FileNotFoundError:
            return needed

    def _states(self) -> Iterator[ActionState]:
        by_action: dict[str, list[Record]] = {}
        for record in self._journal.records():
            if record.action:
                by_action.setdefault(record.action, []).append(record)
        for records in by_action.values():
            yield fold(records)
