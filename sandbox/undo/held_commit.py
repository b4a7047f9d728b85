"""The end of a held transaction: its database commits it, or says that it did not, or nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.effects.adapter import StatementError
from sandbox.effects.lists import store
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Class, Effect, Json
from sandbox.undo.holding import Holding, Transaction
from sandbox.undo.home import Home

_GONE = "its transaction is gone, and the database took everything back"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a commit. `record`: the kind of record that says so; empty where it is held as before."""

    committed: bool
    message: str = ""
    record: str = ""


class HeldCommits:
    """Of this process: a transaction is a connection, and cannot be handed on."""

    def __init__(self, home: Home, holding: Holding) -> None:
        self._home, self._holding = home, holding

    def elsewhere(self, state: ActionState) -> str:
        """Why nothing can be done with it here, where another process holds it. Empty: none does."""
        owner = state.planned.get("owner", "")
        if "held" not in state.planned or owner == self._home.owner or not self._home.is_alive(owner):
            return ""
        return "a server that runs holds its transaction: name that one, with --server"

    def release(self, state: ActionState) -> bool:
        """Rolls it back. Whether there was anything to."""
        return "held" in state.planned and self._holding.release(state.action)

    def commit(
        self, state: ActionState, effects: Sequence[Effect], append: Callable[[str, Mapping[str, Json]], None]
    ) -> Fate:
        """Commits it, or asks again where an earlier commit is in doubt. What was begun is durable before."""
        if state.status == "in_doubt":
            transaction = self._holding.last(state.action)
            return Fate(False, "`sandbox recover` asks, at the next start") if transaction is None else self._asked(
                state, transaction, "the connection was lost while it committed"
            )  # fmt: skip
        transaction = self._holding.get(state.action)
        if transaction is None:
            self._holding.release(state.action)
            return Fate(False, _GONE, "discarded")
        append("transition", self._intent(state, effects, transaction))
        try:
            transaction.commit()
        except StatementError as error:
            if transaction.open:
                append("undo_conflict", {"of": "commit", "error": str(error)})
                return Fate(False, f"the database did not commit it, and it is held as before: {error}")
            return self._asked(state, transaction, str(error))
        self._holding.release(state.action)
        return Fate(True)

    def _asked(self, state: ActionState, transaction: Transaction, why: str) -> Fate:
        committed = transaction.fate()
        if committed is None:
            return Fate(False, f"nobody knows whether it was committed: {why}", "in_doubt")
        self._holding.release(state.action)
        return Fate(True) if committed else Fate(False, f"the database did not commit it: {why}", "discarded")

    def _intent(self, state: ActionState, effects: Sequence[Effect], transaction: Transaction) -> dict[str, Json]:
        """What recovery looks at. A transaction stands or falls as a whole: rows that are known speak for the rest."""
        known = [effect for effect in effects if effect.cls is not Class.UNKNOWN]
        digest = state.effects if len(known) in (0, len(effects)) else store(self._home.blobs, known)
        self._home.blobs.barrier()
        body: dict[str, Json] = {"to": "post", "backend": state.planned["held"]["backend"], "effects": digest}
        return {**body, "xid": transaction.number} if transaction.number else body
