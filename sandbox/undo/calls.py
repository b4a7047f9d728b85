"""What the journal knows of calls over HTTP that were sent: by their keys, and by what they meant."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.journal.journal import Journal
from sandbox.model.effects import Json
from sandbox.undo.states import States

_SENT = ("sending", "sent", "not_sent")
_GONE = ("undone", "discarded", "quarantined")


class Calls:
    """Implements `sandbox.effects.http.episode.Replays`; read on from where it was."""

    def __init__(self, journal: Journal, states: States) -> None:
        self._journal, self._states = journal, states
        self._seen = -1
        self._by_key: dict[str, Mapping[str, Json]] = {}
        self._by_meaning: dict[str, list[tuple[str, Mapping[str, Json]]]] = {}

    def undone(self, fingerprint: str) -> Mapping[str, Json] | None:
        """The record of an equal call that was sent by an action that was undone since."""
        self._read_on()
        for action, body in reversed(self._by_meaning.get(fingerprint, [])):
            if self._states.get(action).status in _GONE:
                return body
        return None

    def sent(self, key: str) -> Mapping[str, Json] | None:
        """The last record of a key that was begun to be sent."""
        self._read_on()
        return self._by_key.get(key)

    def _read_on(self) -> None:
        for record in self._journal.records(after=self._seen, kinds=("effect",)):
            self._seen = record.seq
            if record.body.get("phase") in _SENT:
                self._by_key[record.body["key"]] = record.body
            if record.body.get("phase") == "sent" and "fingerprint" in record.body:
                self._by_meaning.setdefault(record.body["fingerprint"], []).append((record.action, record.body))
