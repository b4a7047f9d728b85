"""Recorded calls led to one side: commit sends the outbox, undo runs inverses, redo does them again.

Other than files, servers do not change together: conflicts are looked for in all resources before anything is done, but
one that fails afterwards is quarantined by name, and the others go on (`QuarantinedError`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from sandbox.effects.adapter import Beside, ConflictError, Note, QuarantinedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.http import outbox
from sandbox.effects.http.addresses import Resolve, resolve
from sandbox.effects.http.effect import seen, state_of
from sandbox.effects.http.episode import Episode, Replays
from sandbox.effects.http.observe import LookError
from sandbox.effects.http.rules import Rules
from sandbox.effects.http.steps import Landed, Step, standing, steps_of
from sandbox.effects.http.writing import ONCE, PreconditionError, StepError, Writer
from sandbox.model.effects import Applied, Difference, Effect, Json, Side


class HttpLive:
    """Servers behind one set of rules.

    `irreversible`: how many calls of the outbox may still be sent. `leave_sent`: whether an undo may leave those that
    were sent where they are, and name them as residue; without it they are a conflict.
    """

    backend = "http"

    def __init__(
        self,
        rules: Rules,
        blobs: Blobs,
        *,
        replays: Replays | None = None,
        irreversible: int = 0,
        leave_sent: bool = False,
        resolver: Resolve = resolve,
    ) -> None:
        self._rules, self._blobs, self._replays, self._resolver = rules, blobs, replays, resolver
        self._irreversible, self._leave_sent = irreversible, leave_sent

    def check(self, effects: Sequence[Effect], to: Side, landed: Json = None) -> list[Difference]:
        """Looks at every resource. Raises BudgetError where commit would send more than may be sent."""
        episode = self._episode(_unwritten)
        try:
            return self._check(episode, effects, to, Landed.from_json(landed))
        finally:
            episode.upstream.close()

    def apply(self, effects: Sequence[Effect], to: Side, note: Note, landed: Json = None) -> Applied:
        """Raises ConflictError and BudgetError with nothing changed, QuarantinedError when some did not work."""
        episode, state = self._episode(note), Landed.from_json(landed)
        try:
            self._refuse(episode, effects, to, state)
            lines = "\n".join(json.dumps(each.to_json(), sort_keys=True) for each in effects)
            digest = self._blobs.put_bytes(lines.encode())
            self._blobs.barrier()
            begun = {"to": to, "backend": self.backend, "effects": digest, "landed": state.to_json()}
            note("transition", begun, durable=True)
            return self._lead(episode, effects, to, state)
        finally:
            episode.upstream.close()

    def verify(self, effects: Sequence[Effect], at: Side, landed: Json = None) -> list[Difference]:
        """By looking again. `landed`: as `apply` gave it, for what has another name now."""
        episode, state = self._episode(_unwritten), Landed.from_json(landed)
        try:
            steps, wrong = steps_of(effects, at)
            return wrong + [found for step in steps if (found := self._verify(episode, step, at, state))]
        finally:
            episode.upstream.close()

    def recover(self, begun: Mapping[str, Json], note: Note) -> Side:
        """Goes on from where it was cut short; what was done is seen, and not done again."""
        lines = self._blobs.read(begun["effects"]).decode().splitlines()
        effects = [Effect.from_json(json.loads(line)) for line in lines]
        episode, state = self._episode(note), Landed.from_json(begun["landed"])
        to = cast(Side, begun["to"])
        try:
            self._refuse(episode, effects, to, state)
            self._lead(episode, effects, to, state)
        finally:
            episode.upstream.close()
        return to

    def _episode(self, note: Note) -> Episode:
        return Episode.open(self._rules, self._blobs, note, "", replays=self._replays, resolver=self._resolver)

    def _refuse(self, episode: Episode, effects: Sequence[Effect], to: Side, landed: Landed) -> None:
        differences = self._check(episode, effects, to, landed)
        if differences:
            raise ConflictError(differences)

    def _check(self, episode: Episode, effects: Sequence[Effect], to: Side, landed: Landed) -> list[Difference]:
        steps, wrong = steps_of(effects, to)
        held = [step for step in steps if step.way.form == "outbox"]
        waiting = sum(outbox.fate(episode, landed, step.way) != "sent" for step in held)
        if to == "post" and waiting > self._irreversible:
            raise outbox.BudgetError(
                f"{waiting} irreversible call{'s' if waiting != 1 else ''} wait, {self._irreversible} may be sent",
                fix="raise `irreversible` in the policy's [actions], or undo",
            )
        return wrong + [found for step in steps if (found := self._check_step(episode, step, to, landed))]

    def _check_step(self, episode: Episode, step: Step, to: Side, landed: Landed) -> Difference | None:
        if step.way.form == "outbox":
            return self._check_held(episode, step, to, landed)
        if step.way.form == "call":
            return self._check_call(episode, step, to)
        if to == "post" and not seen(step.goal):
            # It was done when it was called, and nobody saw how it was then.
            return None
        found, _ = standing(step, episode.looks, landed)
        if isinstance(found, Difference):
            return found
        goal = state_of(step.goal)
        if found == "to do" and goal is not None and not self._blobs.has(goal.body):
            return Difference(step.resource, "pre-image", "stored", "let go")
        return None

    def _check_held(self, episode: Episode, step: Step, to: Side, landed: Landed) -> Difference | None:
        fate = outbox.fate(episode, landed, step.way)
        if to == "pre" and fate != "queued" and not self._leave_sent:
            return Difference(step.resource, "class", "held", f"{fate}, irreversible")
        if to == "post" and fate == "sending" and not outbox.is_idempotent(episode, step.way):
            return Difference(step.resource, "outbox", "held", "perhaps sent, and not to be sent twice")
        body = str(step.way.request["body"])
        if to == "post" and body and fate != "sent" and not self._blobs.has(body):
            return Difference(step.resource, "body", "stored", "let go")
        return None

    @staticmethod
    def _check_call(episode: Episode, step: Step, to: Side) -> Difference | None:
        if step.way.verify is None:
            return Difference(step.resource, "verify", "a postcondition", "none")
        try:
            if episode.looks.holds(step.way.verify) and to == "post":
                return Difference(step.resource, "redo", "a call that is not made up for", ONCE)
        except LookError as error:
            return Difference(step.resource, "look", "readable", error.why)
        return None

    def _lead(self, episode: Episode, effects: Sequence[Effect], to: Side, landed: Landed) -> Applied:
        writer, residue = Writer(episode, to, landed), []
        written = already = 0
        failed: list[Difference] = []
        for step in steps_of(effects, to)[0]:
            try:
                if step.way.form == "outbox" and to == "pre":
                    stays = outbox.drop(episode, step, landed, leave_sent=self._leave_sent)
                    residue += [stays] if stays else []
                    done = not stays
                elif step.way.form == "outbox":
                    done = outbox.release(episode, step, landed)
                else:
                    done = (to == "pre" or seen(step.goal)) and writer.take(step)
            except (StepError, LookError, PreconditionError) as error:
                failed.append(self._quarantine(episode, step, to, error, alone=not written and not failed))
                continue
            written, already = written + done, already + (not done)
        landed.rounds += 1
        applied = Applied(written, already, (*residue, *writer.residue), landed.to_json())
        if failed:
            raise QuarantinedError(failed, applied)
        return applied

    @staticmethod
    def _quarantine(
        episode: Episode, step: Step, to: Side, error: StepError | LookError | PreconditionError, *, alone: bool
    ) -> Difference:
        difference = Difference(
            step.resource, "inverse" if to == "pre" else "call", f"at {to!r}", f"{error}: {error.why}"
        )
        if isinstance(error, PreconditionError) and alone:
            # Nothing of anything was changed yet.
            raise ConflictError([difference]) from error
        body = {"resource": step.resource, "effect": step.index, "to": to, "why": f"{error}: {error.why}"}
        episode.note("quarantined", body, durable=True)
        return difference

    def _verify(self, episode: Episode, step: Step, at: Side, landed: Landed) -> Difference | None:
        if step.way.form == "outbox":
            fate = outbox.fate(episode, landed, step.way)
            wanted = "sent" if at == "post" else "queued"
            return None if fate == wanted else Difference(step.resource, "outbox", wanted, fate)
        if step.way.form == "call":
            found = self._check_call(episode, step, at)
            if found is not None or step.way.verify is None or at == "post":
                return found
            held = episode.looks.holds(step.way.verify)
            return None if held else Difference(step.resource, "postcondition", "held", "not held")
        found_at, _ = standing(step, episode.looks, landed)
        if isinstance(found_at, Difference):
            return found_at
        return None if found_at == "there" else Difference(step.resource, "state", f"at {at!r}", "at the other side")


def _unwritten(kind: str, body: Mapping[str, Json], *, durable: bool = False, beside: Beside = None) -> None:
    """Looks write no records."""
    raise AssertionError(f"a look wrote {kind}")
