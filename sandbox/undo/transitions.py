"""Commit, undo and redo of recorded actions. Blocking: one workspace is led by one caller at a time.

Each of them is: what the records say, what stands in the way, the effects led to one side, the proof recorded. On a
conflict nothing is changed; where several actions are led together, what had been led is led back.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import MappingProxyType

from sandbox.effects.adapter import ConflictError, QuarantinedError, UnsupportedError
from sandbox.effects.files.effects import BACKEND as FILES
from sandbox.effects.http.outbox import BudgetError
from sandbox.effects.lists import load, worst
from sandbox.errors import JobError, SandboxError
from sandbox.journal.fold import ActionState
from sandbox.journal.journal import Journal
from sandbox.model.effects import Class, Difference, Effect, Json, Side
from sandbox.policies import ActionsTable
from sandbox.undo import told
from sandbox.undo.clones import Clones
from sandbox.undo.held_commit import HeldCommits
from sandbox.undo.history import later_writers
from sandbox.undo.holding import Holding
from sandbox.undo.home import Home
from sandbox.undo.landing import landed_now
from sandbox.undo.lead import Leader, Led, direction, other
from sandbox.undo.leaders import Leaders, database_of
from sandbox.undo.outcome import Later, Outcome, cannot, new_id
from sandbox.undo.recording import Recorder
from sandbox.undo.rules import is_irreversible, is_outside, over_budget
from sandbox.undo.states import LANDING, States


class Transitions:
    """Leads actions, and records that it did."""

    def __init__(
        self,
        home: Home,
        journal: Journal,
        states: States,
        leaders: Leaders,
        clones: Clones,
        holding: Holding,
        principal: str,
    ) -> None:
        self._home = home
        self._journal = journal
        self._states = states
        self._leaders = leaders
        self._clones = clones
        self._recorder = Recorder(journal, principal)
        self._held = HeldCommits(home, holding)

    def commit(self, action: str, rules: ActionsTable) -> Outcome:
        """Promotes what is held. Committing what is committed succeeds and does nothing."""
        workspace = self._states.get(action).session
        with self._home.lock(workspace):
            state = self._settled(action)
            if state.status == "committed":
                return Outcome(True, "it is committed already")
            if state.status == "held" and float(state.until or "inf") / 1000 < time.time():
                self._drop(state, "ttl")
                state = self._states.get(action)
            if state.status != "held" and not (state.status == "in_doubt" and "held" in state.planned):
                raise cannot("committed", state)
            elsewhere = self._held.elsewhere(state)
            if elsewhere:
                return Outcome(False, elsewhere)
            effects = self._load(state)
            refusal = over_budget(effects, self._states.irreversible(state.session), rules)
            if refusal:
                self._held.release(state)
                self._recorder.append("denied", state, {"refused": [refusal], "of": "commit"}, durable=True)
                # What it had called while it ran does not stay when nothing else of it will.
                self._drop(self._states.get(action), "denied")
                return Outcome(False, f"the policy refuses it: {refusal}")
            if "held" in state.planned:
                return self._commit_held(state, effects)
            foreign = tuple(Difference(*each) for each in state.executed.get("foreign", ()))
            if foreign:
                return Outcome(False, "somebody changed the workspace while it ran", conflicts=foreign)
            try:
                led = self._lead(state, effects, "post")
            except ConflictError as conflict:
                return self._recorder.conflict(state, conflict, "commit")
            except BudgetError as over:
                return Outcome(False, f"the policy refuses it: {over}")
            except QuarantinedError as left:
                return self._recorder.quarantine(state, left, effects, "post")
            return Outcome(True, f"{len(effects)} effects are in the workspace", (action,), residue=led.residue)

    def undo(self, action: str, later: Later = "refuse", *, dry_run: bool = False) -> Outcome:
        """Takes one action back: drops it while it is held, leads its effects back where it was committed."""
        workspace = self._states.get(action).session
        with self._home.lock(workspace):
            state = self._settled(action)
            if state.status == "held" or (state.status in ("failed", "denied") and self._has_called(state)):
                return Outcome(True, _dropped(state, "would be"), (action,)) if dry_run else self._drop(state, "undo")
            if state.status in ("undone", "discarded", "denied", "failed"):
                return Outcome(True, f"it is {state.status}: nothing of it is in the workspace")
            if state.status not in ("committed", "quarantined"):
                raise cannot("undone", state)
            if not state.effects:
                return Outcome(True, "it had no effects: there is nothing to undo")
            return self._undo_committed(state, later, dry_run)

    def undo_to(self, action: str, *, dry_run: bool = False) -> Outcome:
        """Takes back all that was committed in the same workspace after `action`, newest first."""
        target = self._states.get(action)
        with self._home.lock(target.session):
            names = [*self._states.committed(target.session)]
            if action not in names:
                raise cannot("gone back to", target)
            chosen = [self._settled(name) for name in reversed(names[names.index(action) + 1 :])]
            if not chosen:
                return Outcome(True, "nothing was committed after it")
            return self._lead_all(chosen, (), "to", dry_run)

    def redo(self, action: str) -> Outcome:
        """Applies the effects of an undone action again, as a new action that cites it. No code is run."""
        workspace = self._states.get(action).session
        with self._home.lock(workspace):
            state = self._settled(action)
            if state.status != "undone":
                raise cannot("redone", state)
            effects = self._load(state)
            again = new_id()
            planned = {name: value for name, value in state.planned.items() if name != "held"}
            self._recorder.append_as(again, "planned", state, {**planned, "idempotency_key": "", "mode": "commit"})
            body = {"action": action, "effects": state.effects, "count": state.count, "class": worst(effects).name}
            self._recorder.append_as(again, "redo", state, body)
            try:
                led = self._lead(self._states.get(again), effects, "post", "redo")
            except ConflictError as conflict:
                self._recorder.append_as(again, "discarded", state, {"by": "conflict"})
                return self._recorder.conflict(state, conflict, "redo")
            except BudgetError as over:
                self._recorder.append_as(again, "discarded", state, {"by": "budget"})
                return Outcome(False, f"the policy refuses it: {over}")
            except QuarantinedError as left:
                self._recorder.append("cited", state, {"by": again})
                return self._recorder.quarantine(self._states.get(again), left, effects, "post")
            except (SandboxError, OSError) as error:
                # What had begun, recovery looks at; what had not is not left running.
                if not self._states.get(again).transitions:
                    self._recorder.append_as(again, "failed", state, {"error": told.clipped(str(error))})
                raise
            self._recorder.append("cited", state, {"by": again})
            return Outcome(True, f"{len(effects)} effects are in the workspace again", (again,), residue=led.residue)

    def drop(self, action: str, by: str) -> bool:
        """Drops an action if it is held. Whether it was."""
        workspace = self._states.get(action).session
        with self._home.lock(workspace):
            state = self._settled(action)
            return state.status == "held" and self._drop(state, by).done

    def expire(self, action: str, before_ns: int) -> bool:
        """Lets go what an ended action's undo and redo need, if nothing was done with it since. Whether it was so."""
        with self._home.lock(self._states.get(action).session):
            state = self._states.get(action)
            if state.status not in ("committed", "undone") or state.ended >= before_ns:
                return False
            self._recorder.append("expired", state, {"effects": state.effects})
            return True

    def take_back_calls(self, action: str, by: str) -> None:
        """Of an action that failed or was refused, if it began: what it had called is taken back at once."""
        if not self._states.is_known(action):
            return
        workspace = self._states.get(action).session
        with self._home.lock(workspace):
            state = self._settled(action)
            if self._has_called(state):
                self._drop(state, by)

    def finish(self, state: ActionState) -> str:
        """What somebody who died was leading, under the workspace's lock: finished or taken back. A sentence."""
        if not state.transitions:
            self._recorder.append("recovered", state, {"side": "post"}, durable=True)
            return f"{state.action}: its undo had not begun; it is committed as before"
        to = direction(state)
        effects: list[Effect] = []
        try:
            if self._is_lost(state):
                with self._leaders.files(state.session) as files:
                    side, led = files.recover(state.transitions[FILES], self._recorder.note(state)), Led()
            else:
                effects = self._load(state)
                with self._open(state, effects) as leader:
                    side, led = leader.recover(effects, to, state.transitions, self._recorder.note(state))
        except (SandboxError, OSError) as error:
            if state.status != "in_doubt":
                self._recorder.append("in_doubt", state, {"error": told.clipped(str(error), 2000)}, durable=True)
            return f"{state.action}: in doubt: {error}"
        body: dict[str, Json] = {"side": side, "to": to, "effects": state.effects, "landed": dict(led.landed)}
        if side == to == "post":
            body["irreversible"] = sum(map(is_irreversible, effects))
        self._recorder.append("recovered", state, body, durable=True)
        what = "undo" if to == "pre" else "commit"
        return f"{state.action}: its {what} was cut short, and is {'finished' if side == to else 'taken back'}"

    def _is_lost(self, state: ActionState) -> bool:
        """Whether files alone were to be led, and the machine went down before even their list was on disk."""
        begun = state.transitions.get(FILES, {})
        return len(state.transitions) == 1 and "boot" in begun and not self._home.blobs.is_whole(state.effects)

    def _settled(self, action: str) -> ActionState:
        """Its state, once nothing of it stands in the middle: whoever led it held the lock that is ours now."""
        state = self._states.get(action)
        if state.status != "quarantined" and (state.transitions or state.status == "undoing"):
            self.finish(state)
            state = self._states.get(action)
        return state

    def _drop(self, state: ActionState, by: str) -> Outcome:
        """What is held is let go. Calls were seen when they were made: those are taken back."""
        if "held" in state.planned and state.status == "held":
            elsewhere = self._held.elsewhere(state)
            if elsewhere:
                return Outcome(False, elsewhere)
            by = by if self._held.release(state) or by in ("ttl", "lost") else "lost"
        made = [effect for effect in self._load(state) if is_outside(effect)]
        body: dict[str, Json] = {"by": by}
        if made:
            try:
                with self._open(state, made) as leader:
                    led = leader.lead(made, "pre", self._recorder.note(state), state.landed)
            except ConflictError as conflict:
                return self._recorder.conflict(state, conflict, "undo")
            except QuarantinedError as left:
                return self._recorder.quarantine(state, left, made, "pre")
            body |= {"residue": told.lines(led.residue), "landed": dict(led.landed)}
        if state.status in ("held", "failed"):
            self._recorder.append("discarded", state, body, durable=bool(made))
        elif made:
            # It stays what it was, denied; nothing of it is left to recover.
            self._recorder.append("recovered", state, {"side": "pre", **body}, durable=True)
        return Outcome(True, _dropped(state, "is"), (state.action,))

    def _commit_held(self, state: ActionState, effects: Sequence[Effect]) -> Outcome:
        """Its transaction is committed, where it is: nothing is led anywhere."""
        fate = self._held.commit(
            state, effects, lambda kind, body: self._recorder.append(kind, state, body, durable=kind == "transition")
        )
        if fate.committed:
            if state.planned["held"]["backend"] == "postgres":
                self._clones.renew(state.planned["held"]["name"])
            irreversible = sum(map(is_irreversible, effects))
            body: dict[str, Json] = {"root": state.post_root, "written": len(effects), "already": 0}
            body |= {"effects": state.effects, "landed": {}, "irreversible": irreversible, "mode": ""}
            self._recorder.append("promoted", state, body, durable=True)
            return Outcome(True, f"{len(effects)} effects are in the database", (state.action,))
        if fate.record:
            self._recorder.append(fate.record, state, {"by": "lost", "error": told.clipped(fate.message)}, durable=True)
        return Outcome(False, fate.message)

    def _open(self, state: ActionState, effects: Sequence[Effect]) -> AbstractContextManager[Leader]:
        return self._leaders.open(state.session, state.planned.get("policy", ""), effects)

    def verify(self, action: str) -> list[Difference]:
        """Whether the world is where the action left it. Nothing for one that has nothing in the world."""
        state = self._states.get(action)
        if state.status not in ("committed", "undone") or not state.effects:
            return []
        side: Side = "post" if state.status == "committed" else "pre"
        known = [effect for effect in self._load(state) if effect.cls is not Class.UNKNOWN]
        with self._open(state, known) as leader:
            return leader.verify(known, side, self._landed(state, known))

    def _undo_committed(self, state: ActionState, later: Later, dry_run: bool) -> Outcome:
        effects = self._load(state)
        lasting = [each for each in effects if each.cls is Class.UNKNOWN]
        if lasting:
            why = tuple(Difference(each.resource, each.op, "recorded", ", ".join(each.residue)) for each in lasting)
            return Outcome(False, "it did what nothing recorded, and cannot be undone: nothing was done", (), why)
        standing = later_writers(state.action, self._states.committed_since(state, effects))
        if standing and later == "refuse":
            conflicts = tuple(
                Difference(f"action:{name}", "later writer", "none", "it wrote the same resources") for name in standing
            )
            if not dry_run:
                self._recorder.append("undo_conflict", state, {"later": told.lines(standing)})
            return Outcome(
                False, "later actions stand on it: --cascade undoes them too, --rebase keeps them", (), conflicts
            )
        above = [self._settled(name) for name in standing]
        chosen = [*reversed(above), state]
        known = {state.action: effects}
        return self._lead_all(chosen, above if later == "rebase" else (), later, dry_run, known)

    def _lead_all(
        self,
        undone: Sequence[ActionState],
        redone: Sequence[ActionState],
        mode: str,
        dry_run: bool,
        known: Mapping[str, list[Effect]] = MappingProxyType({}),
    ) -> Outcome:
        """Undoes the first in order, then applies the others again in order: all of it, or nothing.

        `known`: lists of effects that were read already.
        """
        names = tuple(state.action for state in undone)
        if dry_run:
            first = undone[0]
            effects = known.get(first.action) or self._load(first)
            with self._open(first, effects) as leader:
                conflicts = tuple(leader.check(effects, "pre", self._landed(first, effects)))
            return Outcome(not conflicts, f"would undo {', '.join(names)}", names, conflicts)
        steps: list[tuple[ActionState, Side]] = [(state, "pre") for state in undone]
        steps += [(state, "post") for state in redone]
        # All lists before any is led: one that was let go is found while nothing is changed.
        lists = {state.action: known.get(state.action) or self._load(state) for state, _ in steps}
        done: list[tuple[str, Side]] = []
        residue: list[str] = []
        quarantined: Outcome | None = None
        for state, side in steps:
            effects = lists[state.action]
            try:
                residue += self._lead(self._states.get(state.action), effects, side, mode).residue
            except QuarantinedError as left:
                # All else of it was led, and others stand on that: on it goes.
                found = self._recorder.quarantine(state, left, effects, side)
                quarantined = quarantined or found
            except BaseException as error:
                for earlier, led in reversed(done):
                    self._lead(self._states.get(earlier), lists[earlier], other(led), "rolled back")
                if isinstance(error, ConflictError):
                    return self._recorder.conflict(state, error, "undo")
                raise
            else:
                done.append((state.action, side))
        if quarantined is not None:
            return replace(quarantined, actions=names)
        kept = f", {len(redone)} later ones kept" if redone else ""
        message = f"{len(undone)} action{'s' if len(undone) > 1 else ''} undone, proven by looking{kept}"
        return Outcome(True, message, names, residue=tuple(dict.fromkeys(residue)))

    def _lead(self, state: ActionState, effects: Sequence[Effect], to: Side, mode: str = "") -> Led:
        """Leads one action's effects, looks again, and records it. Raises ConflictError with nothing changed."""
        with self._open(state, effects) as leader:
            if to == "pre":
                self._recorder.append("undo_begin", state, {"mode": mode, "workspace": state.session})
            try:
                led = leader.lead(effects, to, self._recorder.note(state), self._landed(state, effects))
            except (UnsupportedError, OSError) as error:
                # Nothing was changed: it can be asked for again.
                if to == "pre":
                    why = told.clipped(str(error))
                    self._recorder.append("undo_conflict", state, {"of": "undo", "error": why})
                raise
            finally:
                for name in {database_of(effect) for effect in effects if effect.backend == "postgres"}:
                    self._clones.renew(name)
        root = state.post_root if to == "post" else state.pre_root
        body: dict[str, Json] = {"root": root, "written": led.written, "already": led.already}
        body |= {"effects": state.effects, "landed": dict(led.landed)}
        if led.residue:
            body["residue"] = told.lines(led.residue)
        # Files lead there again from what was durable before the first rename: nobody has to wait for this record.
        durable = any(effect.backend != FILES for effect in effects)
        if to == "post":
            irreversible = sum(map(is_irreversible, effects))
            body |= {"irreversible": irreversible, "mode": mode}
            kind = "redone" if mode == "redo" else "reapplied" if state.status == "undone" else "promoted"
            self._recorder.append(kind, state, body, durable=durable)
        else:
            self._recorder.append("undo_end", state, {**body, "verified": True}, durable=durable)
        return led

    def _has_called(self, state: ActionState) -> bool:
        """Whether something of it was seen outside while it ran, whatever became of the action."""
        return bool(state.effects) and any(map(is_outside, self._load(state)))

    def _load(self, state: ActionState) -> list[Effect]:
        try:
            return load(self._home.blobs, state.effects)
        except FileNotFoundError:
            raise JobError(
                "id", f"the effects of {state.action} were let go", "they are past their time", reject="NOT_FOUND"
            ) from None

    def _landed(self, state: ActionState, effects: Sequence[Effect]) -> Mapping[str, Json]:
        later = self._journal.records(after=state.last, session=state.session, kinds=LANDING)
        return landed_now(state.landed, effects, later, self._home.blobs)


def _dropped(state: ActionState, verb: str) -> str:
    if state.status == "held":
        return f"it was held and {verb} dropped"
    return f"it is {state.status}, and what it had called {verb} taken back"
