"""What is past its time: held actions are dropped, pre-images that nothing can need any more are let go."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from sandbox.errors import SandboxError
from sandbox.journal.fold import ActionState, fold
from sandbox.journal.journal import Journal
from sandbox.journal.record import Record
from sandbox.undo.home import Home
from sandbox.undo.lists import contents, digests, load
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

    def run(self) -> dict[str, int]:
        """Does all of it, and records what was let go. Counts by name. Blocking."""
        dropped = expired = 0
        keep: set[str] = set()
        now = time.time()
        past = int((now - self._keep_s) * 1e9)
        for state, records in self._states():
            if state.status == "held" and float(state.until or 0) / 1000 < now and self._drop(state):
                dropped += 1
                continue
            if state.status not in _KEPT and (state.status not in _CALLED or state.ended < past):
                continue
            # What was undone stays so, and is let go once.
            if state.status == "undone" and any(record.kind == "expired" for record in records):
                continue
            if state.effects and state.ended < past and self._transitions.expire(state.action, past):
                expired += 1
                continue
            keep |= self._needed(state, records)
        for record in self._journal.records(kinds=("reward",)):
            keep.update(filter(None, [record.body.get("vector_blob")]))
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
        except (FileNotFoundError, ValueError):
            return needed

    def _states(self) -> Iterator[tuple[ActionState, list[Record]]]:
        by_action: dict[str, list[Record]] = {}
        for record in self._journal.records():
            if record.action:
                by_action.setdefault(record.action, []).append(record)
        for records in by_action.values():
            yield fold(records), records
