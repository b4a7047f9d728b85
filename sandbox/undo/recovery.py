"""After a crash: what was under way is finished or taken back, and both are said in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sandbox.effects.lists import store, worst
from sandbox.errors import SandboxError
from sandbox.journal.fold import ActionState
from sandbox.journal.journal import Journal
from sandbox.journal.record import Record
from sandbox.model.effects import Effect, Json
from sandbox.undo import told
from sandbox.undo.home import Home
from sandbox.undo.leaders import Leaders
from sandbox.undo.recording import Recorder
from sandbox.undo.settling import Settling
from sandbox.undo.states import States
from sandbox.undo.transitions import Transitions
from sandbox.undo.ways_out import WaysOut

_MOST_TOLD = 1_000
# Actions that one record names as open; and records that are looked at again rather than noted as looked at.
_MOST_OPEN = 1_000
_FEW = 256
_OPEN = frozenset({"planned", "running", "in_doubt", "undoing"})


class Recovery:
    """Looks at every action that has no end: at the start, and now and then. Others may act on the home meanwhile."""

    def __init__(
        self,
        home: Home,
        journal: Journal,
        states: States,
        transitions: Transitions,
        ways_out: WaysOut,
        leaders: Leaders,
        principal: str,
    ) -> None:
        self._home = home
        self._journal = journal
        # Actions that other processes are at, and those that are to be looked at again.
        self._still_open: list[str] = []
        # Behind which record the last look began, up to which it came, and how many it read.
        self._since = self._reached = -1
        self._looked = 0
        self._begun: list[Record] = []
        self._interrupted = journal.interrupted is not None
        # Whoever asks wants to hear of what was found when the home was opened, too.
        self._told: list[str] = []
        self._states = states
        self._transitions = transitions
        self._ways_out = ways_out
        self._recorder = Recorder(journal, principal)
        self._settling = Settling(home, states, leaders, self._recorder)

    def run(self) -> list[str]:
        """A sentence for each action that was found cut short since the home was opened. Blocking; restartable."""
        self._still_open = []
        names = self._read_on()
        found = self._settling.run(self._begun)
        self._still_open += self._settling.left
        found += [sentence for action in self._unended(names) if (sentence := self._looked_at(action))]
        if self._interrupted:
            self._interrupted = False
            found.append("the journal was not closed; its last records are whole")
        if found or self._still_open or self._looked > _FEW:
            # Others appended meanwhile; and open actions that are not named here are found where they were.
            since = self._reached if len(self._still_open) <= _MOST_OPEN else self._since
            # Whoever reads on from there does not look at these transitions again.
            self._home.finished.flush()
            body = {"report": told.lines(found), "open": self._still_open[:_MOST_OPEN], "since": since}
            self._journal.append("recovered", body, durable=bool(found))
        # What stays in doubt is found again at each look, and told once.
        self._told = [*dict.fromkeys([*self._told, *found])][-_MOST_TOLD:]
        return [*self._told]

    def _read_on(self) -> Iterable[str]:
        """Actions with a record since the last recovery, and those that were left open; what was begun, beside."""
        self._since, left = -1, list[str]()
        for record in self._journal.records(action="", kinds=("recovered",)):
            self._since, left = record.body.get("since", record.seq), record.body["open"]
        names = dict.fromkeys(left)
        self._looked, self._reached = 0, self._since
        self._begun = [each for name in left for each in self._journal.records(action=name, kinds=("transition",))]
        for record in self._journal.records(after=self._since):
            self._looked += 1
            self._reached = record.seq
            if record.action:
                names[record.action] = None
            if record.kind == "transition":
                self._begun.append(record)
        return names

    def _unended(self, names: Iterable[str]) -> Iterator[str]:
        """Those of the actions that have no end, and that nobody else is at."""
        for name in names:
            state = self._states.get(name)
            if state.status not in _OPEN and not state.transitions and not _is_held(state):
                continue
            # Whoever leads holds the workspace's lock, and need not be the one who ran the action.
            led = state.transitions or state.status == "undoing"
            if not led and self._home.is_alive(state.planned.get("owner", "")):
                self._still_open.append(name)
                continue
            yield name

    def _looked_at(self, action: str) -> str:
        try:
            return self._action(action)
        except (SandboxError, OSError) as error:
            # One that cannot be dealt with now holds back neither the others nor the start.
            self._still_open.append(action)
            return f"{action}: left as it is: {error}"

    def _action(self, action: str) -> str:
        state = self._states.get(action)
        with self._home.lock(state.session):
            state = self._states.get(action)
            if state.transitions or state.status == "undoing":
                said = self._transitions.finish(state)
                state = self._states.get(action)
                if state.transitions:
                    self._still_open.append(action)
                if state.transitions or not _is_held(state):
                    return said
            if _is_held(state):
                # A database rolls back what nobody holds any more.
                why = "the process that held its transaction is gone, and the database took everything back"
                self._recorder.append("discarded", state, {"by": "lost", "why": why}, durable=True)
                return f"{action}: {why}"
            if state.status not in ("planned", "running"):
                return ""
            calls = self._calls(state)
            if calls:
                body = {"effects": store(self._home.blobs, calls), "count": len(calls), "class": worst(calls).name}
                self._recorder.append("executed", state, body, durable=True)
            self._recorder.append("failed", state, {"error": "cut short; its branch is gone"}, durable=True)
        if not calls:
            return f"{action}: cut short while it ran; nothing of it is in the workspace"
        self._transitions.take_back_calls(action, "recovery")
        return f"{action}: cut short while it ran; what it had called ({len(calls)} calls) is taken back"

    def _calls(self, state: ActionState) -> list[Effect]:
        """Calls that changed something, those that nobody saw the answer of found out about."""
        made: list[Effect] = []
        unanswered: dict[str, Mapping[str, Json]] = {}
        for record in self._journal.records(action=state.action, kinds=("effect",)):
            phase, key = record.body.get("phase"), record.body.get("key", "")
            if phase == "intent":
                unanswered[key] = record.body
            elif phase in ("observed", "settled", "not_sent"):
                unanswered.pop(key, None)
                if record.body.get("effect"):
                    made.append(Effect.from_json(record.body["effect"]))
        if unanswered:
            made += self._ways_out.settle(state, unanswered.values(), self._recorder.note(state))
        return made


def _is_held(state: ActionState) -> bool:
    """Whether it stood or fell with a transaction of the process that ran it."""
    return "held" in state.planned and state.status in ("held", "in_doubt")
