"""Leads all effects of an action to one side, over every backend that they belong to: all of them, or none.

What can be taken back most surely goes first, what cannot at all goes last: databases, files, then calls over HTTP. On
the way back it is the other way round. Blocking; run in threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.effects.adapter import Beside, ConflictError, Live, Marking, Note, QuarantinedError, UnsupportedError
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Applied, Difference, Effect, Json, Side

ORDER = ("postgres", "sqlite", "files", "http")


@dataclass(frozen=True, slots=True)
class Led:
    """What became of an action's effects. `landed`: each backend's note, for the next time."""

    written: int = 0
    already: int = 0
    residue: tuple[str, ...] = ()
    landed: Mapping[str, Json] = field(default_factory=dict)


class Leader:
    """The live resources of one workspace."""

    def __init__(self, lives: Sequence[Live]) -> None:
        self._lives = {live.backend: live for live in lives}

    def check(self, effects: Sequence[Effect], to: Side, landed: Mapping[str, Json]) -> list[Difference]:
        """All conflicts, of every backend. Raises UnsupportedError for a backend that is not there."""
        return [
            difference
            for name, own in self._parts(effects, to)
            for difference in self._lives[name].check(own, to, landed.get(name))
        ]

    def lead(self, effects: Sequence[Effect], to: Side, note: Note, landed: Mapping[str, Json]) -> Led:
        """Leads them there. Raises ConflictError or OSError with nothing changed.

        QuarantinedError, once all others are there: what could not be led does not hold back what could.
        """
        parts = self._parts(effects, to)
        if len(parts) > 1:
            differences = self.check(effects, to, landed)
            if differences:
                raise ConflictError(differences)
        done: list[tuple[str, list[Effect], Applied]] = []
        left: list[Difference] = []
        try:
            for name, own in parts:
                try:
                    applied = self._lives[name].apply(own, to, _named(note, name), landed.get(name))
                except QuarantinedError as error:
                    applied = error.applied
                    left += error.differences
                done.append((name, own, applied))
        except BaseException:
            # Whatever it was: what had been led is led back before anybody hears of it.
            for name, own, applied in reversed(done):
                self._lives[name].apply(own, other(to), _named(note, name), applied.landed)
            raise
        led = Led(
            sum(applied.written for _, _, applied in done),
            sum(applied.already for _, _, applied in done),
            tuple(dict.fromkeys(line for _, _, applied in done for line in applied.residue)),
            {name: applied.landed for name, _, applied in done if applied.landed is not None},
        )
        if left:
            raise QuarantinedError(left, Applied(led.written, led.already, led.residue, dict(led.landed)))
        return led

    def verify(self, effects: Sequence[Effect], at: Side, landed: Mapping[str, Json] | None = None) -> list[Difference]:
        """What is not at that side, by looking."""
        noted = landed or {}
        return [
            each
            for name, own in self._parts(effects, at)
            for each in self._lives[name].verify(own, at, noted.get(name))
        ]

    def recover(
        self, effects: Sequence[Effect], to: Side, begun: Mapping[str, Mapping[str, Json]], note: Note
    ) -> tuple[Side, Led]:
        """After a crash: where all effects are now, the same side for every backend.

        `begun`: what each backend noted as "transition". One that had begun nothing is where it came from.
        """
        parts = self._parts(effects, to)
        sides = {
            name: self._lives[name].recover(begun[name], _named(note, name)) if name in begun else other(to)
            for name, _ in parts
        }
        if all(side == to for side in sides.values()):
            return to, Led(already=len(effects), landed=self._marks(parts, to))
        back = other(to)
        for name, own in reversed(parts):
            if sides[name] == to:
                self._lives[name].apply(own, back, _named(note, name), None)
        return back, Led(landed=self._marks(parts, back))

    def _marks(self, parts: Sequence[tuple[str, list[Effect]]], at: Side) -> dict[str, Json]:
        lives = ((live, name, own) for name, own in parts if isinstance(live := self._lives[name], Marking))
        return {name: live.mark(own, at) for live, name, own in lives}

    def _parts(self, effects: Sequence[Effect], to: Side) -> list[tuple[str, list[Effect]]]:
        by_backend: dict[str, list[Effect]] = {}
        for effect in effects:
            by_backend.setdefault(effect.backend, []).append(effect)
        for name in by_backend:
            if name not in self._lives:
                raise UnsupportedError(
                    f"effects on {name} cannot be led anywhere here", fix="start the server with that resource"
                )
        names = [name for name in ORDER if name in by_backend]
        return [(name, by_backend[name]) for name in (names if to == "post" else reversed(names))]


def direction(state: ActionState) -> Side:
    """Where an action was being led, as one. A backend that was led back on the way noted the other side."""
    if state.status == "undoing":
        return "pre"
    led_to = {name: body["to"] for name, body in state.transitions.items() if "to" in body}
    # What is dropped leads its calls back, and nothing else of it was anywhere.
    if state.status in ("running", "held", "undone") and led_to.keys() != {"http"}:
        return "post"
    return "pre" if next(iter(led_to.values()), "") == "pre" else "post"


def other(side: Side) -> Side:
    """The one that it is not."""
    return "pre" if side == "post" else "post"


def _named(note: Note, backend: str) -> Note:
    def named(kind: str, body: Mapping[str, Json], *, durable: bool = False, beside: Beside = None) -> None:
        note(kind, {"backend": backend, **body}, durable=durable, beside=beside)

    return named
