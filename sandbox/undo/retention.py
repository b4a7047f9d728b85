"""What is past its time: held actions are dropped, pre-images that nothing can need any more are let go."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from sandbox.effects.blobs import SpoiltError
from sandbox.effects.lists import contents, digests, load
from sandbox.errors import SandboxError
from sandbox.journal.fold import ActionState, fold
from sandbox.journal.journal import Journal
from sandbox.journal.record import Record
from sandbox.undo.home import Home
from sandbox.undo.transitions import Transitions

# Statuses whose effects may still be led somewhere.
_KEPT = frozenset({"planned", "running", "held", "committed", "undoing", "undone", "in_doubt", "quarantined"})
# Of these, what was called over HTTP may still have to be taken back.
_CALLED = frozenset({"failed", "denied"})
# What was put a moment ago may be about to be referred to.
_YOUNG_NS = 600 * 10**9
_log = logging.getLogger("sandbox")


class Retention:
    """Drops and sweeps. `keep_s`: how long effects of ended actions stay undoable and redoable."""

    def __init__(self, home: Home, journal: Journal, transitions: Transitions, keep_s: int) -> None:
        self._home = home
        self._journal = journal
        self._transitions = transitions
        self._keep_s = keep_s
        # Of the journal up to here: actions that may still need something, and the evidence of rewards.
        self._seen = -1
        self._actions: dict[str, None] = {}
        self._evidence: set[str] = set()

    def run(self) -> dict[str, int]:
        """Does all of it, and records what was let go. Counts by name. Blocking."""
        dropped = expired = 0
        now = time.time()
        past = int((now - self._keep_s) * 1e9)
        self._read_on()
        keep = set(self._evidence)
        for action in [*self._actions]:
            records = [*self._journal.records(action=action)]
            state = fold(records)
            if state.status == "held" and float(state.until or 0) / 1000 < now and self._drop(state):
                dropped += 1
            elif _is_over(state, records, past):
                # Another record on it brings it back.
                del self._actions[action]
            elif state.effects and state.ended < past and self._transitions.expire(action, past):
                expired += 1
            else:
                keep |= self._needed(state, records)
        count, freed = self._home.blobs.sweep(keep, time.time_ns() - _YOUNG_NS)
        found = {"dropped": dropped, "expired": expired, "blobs": count, "bytes": freed}
        self._journal.append("gc", found, durable=True)
        return found

    def _drop(self, state: ActionState) -> bool:
        """Whether a held action is gone now. One that cannot be dropped is kept, with all that it needs."""
        try:
            return self._transitions.drop(state.action, "ttl")
        except (SandboxError, OSError) as error:
            _log.warning("%s is past its time and could not be dropped: %s", state.action, error)
            return False

    def _needed(self, state: ActionState, records: Sequence[Record]) -> set[str]:
        """All that its records name: calls under way, what backends left as notes, its effects and their contents."""
        needed = digests([record.body for record in records])
        try:
            return needed | contents(load(self._home.blobs, state.effects))
        except (FileNotFoundError, SpoiltError):
            return needed

    def _read_on(self) -> None:
        """Each record is read once, and none of them is kept."""
        for record in self._journal.records(after=self._seen):
            self._seen = record.seq
            if record.action:
                self._actions[record.action] = None
            if record.kind == "reward":
                self._evidence.update(filter(None, [record.body.get("vector_blob")]))


def _is_over(state: ActionState, records: Sequence[Record], past: int) -> bool:
    """Whether nothing of it can be needed any more."""
    if state.status not in _KEPT:
        return state.status not in _CALLED or state.ended < past
    # What was undone stays so, and is let go once.
    return state.status == "undone" and any(record.kind == "expired" for record in records)
