"""What has become of an action, folded from its records. Pure, total, and never stored.

`fold(b, fold(a)) == fold([*a, *b])`: whoever keeps a state goes on from there. A record that cannot follow on the
status (a sweep dropped what had just been committed) changes nothing of it: what came first in the journal is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import SimpleNamespace
from typing import Any, Literal, cast

from sandbox.journal.record import Record
from sandbox.model.effects import Class

# "" before the first record. A conflict leaves the status as it was: `ActionState.conflict` holds the differences.
Status = Literal[
    "",
    "planned",
    "denied",
    "running",
    "held",
    "committed",
    "discarded",
    "failed",
    "in_doubt",
    "undoing",
    "undone",
    "quarantined",
    "expired",
]

# kind: the statuses that it follows on, and what becomes of them.
_UNBEGUN: tuple[Status, ...] = ("", "planned")
_UNLANDED: tuple[Status, ...] = ("", "planned", "running", "held", "failed", "in_doubt")
_LANDED: tuple[Status, ...] = ("committed", "failed", "in_doubt", "quarantined")
STEPS: dict[str, tuple[tuple[Status, ...], Status]] = {
    "planned": (("",), "planned"),
    "denied": (("", "planned", "running", "held"), "denied"),
    "prepared": (_UNBEGUN, "running"),
    "redo": (_UNBEGUN, "running"),
    "executed": (("", "planned", "running", "in_doubt"), "running"),
    "failed": (("", "planned", "running", "held", "in_doubt"), "failed"),
    "in_doubt": (("", "planned", "running", "held", "failed", "committed", "undoing"), "in_doubt"),
    "held": (("", "planned", "running", "in_doubt"), "held"),
    "discarded": (_UNLANDED, "discarded"),
    "promoted": (_UNLANDED, "committed"),
    # Undone together with others, and led back: one of them met a conflict, or this one was to be kept (rebase).
    "reapplied": (("undone",), "committed"),
    "redone": (_UNLANDED, "committed"),
    "undo_begin": (("running", "held", *_LANDED), "undoing"),
    "quarantined": (("running", "held", *_LANDED, "undoing"), "quarantined"),
    "expired": (_LANDED, "expired"),
}


@dataclass(frozen=True, slots=True)
class ActionState:
    """An action: its status, and the facts of its records. Facts that no record told are "", -1, None or empty.

    `planned`, `prepared`, `executed`: the bodies of these records. `cited_by`: the action that applied this one's
    effects again. `effects`: digest of the list. `landed`: each backend's note on what it made.
    `transitions`: by backend, the bodies
    of those that recovery has to look at: begun, and neither finished nor taken back. `undo_next`: how many effects
    are still to be undone. `before`: the status that a conflicting undo goes back to. `of`: the action whose effects
    this one applied again. `first`, `last`: seq of its records; `began`, `ended`: ns since 1970.
    """

    action: str = ""
    session: str = ""
    principal: str = ""
    traceparent: str = ""
    status: Status = ""
    before: Status = ""
    planned: Mapping[str, Any] = field(default_factory=dict)
    prepared: Mapping[str, Any] = field(default_factory=dict)
    executed: Mapping[str, Any] = field(default_factory=dict)
    cited_by: str = ""
    mode: str = ""
    idempotency_key: str = ""
    effects: str = ""
    count: int = -1
    cls: Class | None = None
    pre_root: str = ""
    post_root: str = ""
    live_root: str = ""
    exit: int | None = None
    signal: int | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)
    until: int | float | str | None = None
    error: str = ""
    denied: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    landed: Mapping[str, Any] = field(default_factory=dict)
    transitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    undo_next: int | None = None
    undo_mode: str = ""
    verified: bool | None = None
    residue: tuple[str, ...] = ()
    conflict: tuple[Any, ...] = ()
    of: str = ""
    reward: float | int | None = None
    reward_root: str = ""
    verdict: str = ""
    deviations: int = 0
    compensations: int = 0
    released: bool = False
    first: int = -1
    last: int = -1
    began: int = 0
    ended: int = 0

    @property
    def can_undo(self) -> bool:
        """Whether there may be something to take back, and what it takes has not been let go."""
        return self.status in ("running", "held", "undoing", *_LANDED)


def fold(records: Iterable[Record], state: ActionState | None = None) -> ActionState:
    """The state after `records`, in order, of one action. Never raises, whatever kinds and bodies come."""
    found = state if state is not None else ActionState()
    # Made once, whatever the number of records: a state has some forty fields.
    facts = {name: getattr(found, name) for name in _FIELDS}
    draft = cast(ActionState, SimpleNamespace(**facts))
    for record in records:
        facts |= (changes := _step(draft, record))
        vars(draft).update(changes)
    return ActionState(**facts)


def _step(state: ActionState, record: Record) -> dict[str, Any]:
    """What a record changes."""
    body = record.body
    status: Status = state.status
    follows, to = STEPS.get(record.kind, ((), status))
    allowed = status in follows
    changes: dict[str, Any] = {"last": record.seq, "ended": record.ts}
    if state.first < 0:
        changes |= {"first": record.seq, "began": record.ts, "action": record.action, "session": record.session}
        changes |= {"principal": record.principal}
    if record.traceparent and not state.traceparent:
        changes["traceparent"] = record.traceparent
    if allowed:
        changes |= {"status": to}
    facts = _FACTS.get(record.kind)
    # Facts of a step that did not take place are none; kinds that are no step tell of what is there.
    if facts is not None and (allowed or record.kind not in STEPS):
        changes |= facts(state, body)
    return changes


_FIELDS = tuple(each.name for each in fields(ActionState))


def _planned(_: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"planned": body, "mode": _text(body, "mode"), "idempotency_key": _text(body, "idempotency_key")}


def _executed(_: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    # Nothing was changed, so there is nothing to hold.
    done = {"status": "committed"} if _whole(body, "count") == 0 else {}
    return {
        **done,
        "executed": body,
        "exit": _whole(body, "exit"),
        "signal": _whole(body, "signal"),
        "usage": _table(body, "usage"),
        "pre_root": _text(body, "pre_root"),
        "post_root": _text(body, "post_root"),
        **_effects(body),
    }


def _effects(body: Mapping[str, Any]) -> dict[str, Any]:
    count = _whole(body, "count")
    name = _text(body, "class")
    return {
        "effects": _text(body, "effects"),
        "count": -1 if count is None else count,
        # A class that is told but not known is the worst.
        "cls": Class.__members__.get(name, Class.UNKNOWN) if name else None,
    }


def _failed(_: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"error": _text(body, "error")}


def _transition(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"transitions": {**state.transitions, _text(body, "backend"): body}, "conflict": ()}


def _promoted(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"landed": _table(body, "landed"), "transitions": {}, "conflict": (), "error": ""}
    found["residue"] = _texts(body, "residue")
    found["live_root"] = _text(body, "live_root") or _text(body, "root")
    if not state.effects:
        found["effects"] = _text(body, "effects")
    return found


def _redo(_: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    told = {"of": _text(body, "action"), **_effects(body)}
    return {name: value for name, value in told.items() if value not in ("", -1, None)}


def _redone(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {**_promoted(state, body), **_redo(state, body)}


def _undo_begin(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"before": state.status, "undo_mode": _text(body, "mode"), "conflict": (), "verified": None}


def _clr(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"undo_next": _whole(body, "undo_next")} if state.status == "undoing" else {}


def _undo_end(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    if state.status != "undoing":
        return {}
    verified = body.get("verified") is True
    return {
        # Success is what was seen, and nothing else.
        "status": "undone" if verified else "in_doubt",
        "verified": verified,
        "landed": _table(body, "landed"),
        "residue": _texts(body, "residue"),
        "live_root": _text(body, "root"),
        "transitions": {},
        "undo_next": None,
    }


def _undo_conflict(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"conflict": _sequence(body, "differences"), "transitions": {}}
    if state.status == "undoing":
        found |= {"status": state.before, "undo_next": None}
    return found


def _recovered(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    """`side`, where recovery led all of the action's effects to; with `backend`, only what one of them reports."""
    side = body.get("side")
    if side not in ("pre", "post") or "backend" in body:
        return {}
    landed = {**state.landed, **_table(body, "landed")}
    found: dict[str, Any] = {"transitions": {}, "undo_next": None, "landed": landed}
    if state.status == "undoing":
        found["status"] = "undone" if side == "pre" else state.before
    elif (state.status, side) in (("committed", "pre"), ("undone", "post")):
        # The machine went down before it was on disk, and somebody else was there before it could be done again.
        found["status"] = "undone" if side == "pre" else "committed"
    elif state.status in ("running", "held", "in_doubt") and side == "post":
        found["status"] = "committed"
    return found


def _quarantined(state: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    """Of one effect, as a backend tells it, or (with "landed") of the action once all else of it was led."""
    found = _failed(state, body)
    return {**found, "landed": _table(body, "landed"), "transitions": {}} if "landed" in body else found


def _reward(_: ActionState, body: Mapping[str, Any]) -> dict[str, Any]:
    value = body.get("value")
    plain = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return {"reward": plain, "verdict": _text(body, "verdict"), "reward_root": _text(body, "post_root")}


_FACTS: dict[str, Callable[[ActionState, Mapping[str, Any]], dict[str, Any]]] = {
    "planned": _planned,
    "prepared": lambda _, body: {"prepared": body},
    "cited": lambda _, body: {"cited_by": _text(body, "by")},
    "denied": lambda _, body: {"denied": dict(body)},
    "executed": _executed,
    "failed": _failed,
    "in_doubt": _failed,
    "held": lambda _, body: {"until": _moment(body, "until")},
    "released": lambda _, body: {"released": True},
    "discarded": lambda _, body: {"by": _text(body, "by"), "transitions": {}},
    "transition": _transition,
    "promoted": _promoted,
    "reapplied": _promoted,
    "undo_begin": _undo_begin,
    "clr": _clr,
    "undo_end": _undo_end,
    "undo_conflict": _undo_conflict,
    "redo": _redo,
    "redone": _redone,
    "recovered": _recovered,
    "reward": _reward,
    "quarantined": _quarantined,
    "deviation": lambda state, _: {"deviations": state.deviations + 1},
    "compensate_end": lambda state, _: {"compensations": state.compensations + 1},
}


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""


def _whole(body: Mapping[str, Any], name: str) -> int | None:
    found = body.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _table(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _sequence(body: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    found = body.get(name)
    return tuple(found) if isinstance(found, list | tuple) else ()


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(each for each in _sequence(body, name) if isinstance(each, str))


def _moment(body: Mapping[str, Any], name: str) -> int | float | str | None:
    found = body.get(name)
    return found if isinstance(found, int | float | str) and not isinstance(found, bool) else None
