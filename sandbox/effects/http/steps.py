"""The steps by which recorded calls are led to one side, and what a look says of each now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from sandbox.effects.http.effect import Way, seen, state_of
from sandbox.effects.http.messages import Url, parse_url
from sandbox.effects.http.observe import LookError, Looks, State, same
from sandbox.model.effects import Difference, Effect, Json, Side

Standing = Literal["there", "to do"]


@dataclass(slots=True)
class Landed:
    """What this backend made, as it wants to be told next time: where things are now, and how it left them."""

    moved: dict[str, str] = field(default_factory=dict)
    # For an address: the side that it was led to last, and the state that was seen then.
    states: dict[str, tuple[Side, Json]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    # How often all of it was led to a side: keys of calls are new each time.
    rounds: int = 0

    @classmethod
    def from_json(cls, data: Json) -> Landed:
        """Reads `to_json`; nothing is a new one."""
        data = data or {}
        states = {url: (side, state) for url, (side, state) in data.get("states", {}).items()}
        return cls(dict(data.get("moved", {})), states, list(data.get("sent", [])), int(data.get("rounds", 0)))

    def to_json(self) -> dict[str, Json]:
        """As `Applied.landed` holds it."""
        return {"moved": self.moved, "states": self.states, "sent": self.sent, "rounds": self.rounds}

    def url(self, url: Url) -> Url:
        """Where a resource is now. What moved may have moved again."""
        text, hops = str(url), 0
        while text in self.moved and hops <= len(self.moved):
            text, hops = self.moved[text], hops + 1
        return parse_url(text)


@dataclass(frozen=True, slots=True)
class Step:
    """All effects on one resource, led at once: from `source` to `goal`. Of form "call" and "outbox": one effect.

    `way` is that of the effect that came first: how it began says how it ends. `index`: of that effect.
    """

    index: int
    resource: str
    way: Way
    source: Json
    goal: Json
    to: Side
    # Whether it stands for more than one effect.
    several: bool = False

    @property
    def goal_state(self) -> State | None:
        """Of form "state"."""
        return state_of(self.goal)


def steps_of(effects: Sequence[Effect], to: Side) -> tuple[list[Step], list[Difference]]:
    """The steps, in the order in which they are taken, and what cannot be led anywhere or was broken into before.

    To "pre": the effect that began last is taken back first. To "post": as they were done.
    """
    chains: dict[str, list[tuple[int, Effect, Way]]] = {}
    wrong = []
    for index, effect in enumerate(effects):
        if effect.inverse is None and to == "post":
            # It was done when it was called; there is nothing to lead anywhere.
            continue
        if effect.inverse is None:
            wrong.append(Difference(effect.resource, "class", "one that can be led back", effect.cls.name))
            continue
        way = Way.from_json(effect.inverse)
        name = str(way.url) if way.form == "state" else f"{way.form} {way.key}"
        chains.setdefault(name, []).append((index, effect, way))
    steps = []
    for chain in chains.values():
        index, first, way = chain[0]
        for (_, one, _), (_, other, behind) in pairwise(chain):
            if way.form == "state" and not _follows(one.post, other.pre, behind):
                wrong.append(Difference(other.resource, "state", "as our own call left it", "changed in between"))
        last = chain[-1][1].post
        source, goal = (last, first.pre) if to == "pre" else (first.pre, last)
        steps.append(Step(index, first.resource, way, source, goal, to, len(chain) > 1))
    return sorted(steps, key=lambda step: step.index, reverse=to == "pre"), wrong


def _follows(post: Json, pre: Json, way: Way) -> bool:
    if not seen(post) or not seen(pre):
        return False
    # A call that is told by its answer was not preceded by a look.
    return way.source != "method" or (same(state_of(post), state_of(pre)) and _etag(post) == _etag(pre))


def _etag(data: Json) -> str:
    return str(data["etag"]) if data else ""


def standing(step: Step, looks: Looks, landed: Landed) -> tuple[Standing | Difference, State | None]:
    """What a look says of a step of form "state", and what it saw: it is there, to do, or somebody else was at it.

    Who writes afterwards has to name the version that was seen by this very look.
    """
    url = landed.url(step.way.url)
    try:
        now = looks.at(url, step.way.volatile)
    except LookError as error:
        return Difference(step.resource, "look", "readable", error.why), None
    return _judged(step, now, *landed.states.get(str(url), ("", None))), now


def _judged(step: Step, now: State | None, side: str, left: Json) -> Standing | Difference:
    if not seen(step.goal):
        return Difference(step.resource, "state", "one that was seen after the call", _short(now))
    if same(now, step.goal_state) or (side == step.to and same(now, state_of(left))):
        return "there"
    if not seen(step.source):
        return Difference(step.resource, "state", "one that was seen after the call", _short(now))
    source = state_of(left if side and side != step.to else step.source)
    if not same(now, source):
        return Difference(step.resource, "state", _short(source), _short(now))
    if now is not None and source is not None and source.etag and now.etag not in ("", source.etag):
        # It looks the same, but somebody else wrote it.
        return Difference(step.resource, "version", source.etag, now.etag)
    if step.to == "post" and step.several and now is None and step.way.request["method"] == "POST":
        # Its later states speak of the name that it had then.
        return Difference(step.resource, "redo", "one call", "a call that made it, and others that changed it")
    return "to do"


def _short(state: State | None) -> str:
    return f"{state.type or 'untyped'}, {state.size:,} bytes, {state.meaning[:12]}" if state else "absent"
