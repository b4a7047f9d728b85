"""The status of an action, folded from its records."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.journal.fold import STEPS, ActionState, Status, fold
from sandbox.journal.record import Kind, Record
from sandbox.model.effects import Class
from tests.journal.bodies import EXECUTED

KINDS = get_args(Kind)
NAMES = [
    "mode", "effects", "count", "class", "landed", "backend", "side", "verified", "residue", "value", "differences",
    "exit", "usage", "undo_next", "until", "action", "error", "post_root",
]  # fmt: skip
# Bodies whose names mean something, with values of any type.
THINGS: list[Any] = [
    None, True, False, 0, -1, 2**70, 1.5, "", "pre", "post", "REVERSIBLE", "a", [], ["x", 1], {}, {"files": {"a": 1}},
]  # fmt: skip
ODD = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(THINGS), max_size=6)
STEP = st.tuples(st.sampled_from(KINDS), ODD)


def records(*steps: tuple[Any, Any] | str) -> list[Record]:
    found = []
    for seq, step in enumerate(steps):
        kind, body = (step, {}) if isinstance(step, str) else step
        found.append(Record(seq, 100 + seq, seq, "s", "a", "me", "", kind, body))
    return found


def status(*steps: Any) -> Status:
    return fold(records(*steps)).status


END = ("undo_end", {"verified": True})
HELD = ("planned", "prepared", ("executed", EXECUTED), "held")
COMMITTED = (*HELD, ("transition", {"backend": "files"}), "promoted")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), ""),
        (("planned",), "planned"),
        (("planned", "denied"), "denied"),
        (("planned", "prepared"), "running"),
        (HELD[:3], "running"),
        (("planned", "prepared", "executed", "denied"), "denied"),
        (("planned", "prepared", "failed"), "failed"),
        (("planned", "prepared", "in_doubt"), "in_doubt"),
        (HELD, "held"),
        ((*HELD, "released"), "held"),
        ((*HELD, "discarded"), "discarded"),
        ((*HELD[:3], "discarded"), "discarded"),
        ((*HELD, ("transition", {"backend": "files"})), "held"),
        (COMMITTED, "committed"),
        ((*COMMITTED, "undo_begin"), "undoing"),
        ((*COMMITTED, "undo_begin", ("clr", {"undo_next": 3})), "undoing"),
        ((*COMMITTED, "undo_begin", END), "undone"),
        ((*COMMITTED, "undo_begin", ("undo_end", {"verified": False})), "in_doubt"),
        ((*COMMITTED, "undo_begin", "undo_end"), "in_doubt"),
        ((*COMMITTED, "undo_begin", "undo_conflict"), "committed"),
        ((*COMMITTED, "undo_conflict"), "committed"),
        ((*HELD, "undo_conflict"), "held"),
        ((*COMMITTED, "undo_begin", "undo_begin", "undo_conflict"), "committed"),
        ((*COMMITTED, "undo_begin", "undo_conflict", "undo_begin", END), "undone"),
        (("planned", "prepared", "failed", "undo_begin", "undo_conflict"), "failed"),
        ((*COMMITTED, "undo_begin", "quarantined"), "quarantined"),
        ((*COMMITTED, "undo_begin", "quarantined", "undo_begin", END), "undone"),
        ((*COMMITTED, "undo_begin", "in_doubt"), "in_doubt"),
        ((*COMMITTED, "gc"), "committed"),
        ((*COMMITTED, "expired"), "expired"),
        ((*COMMITTED, "expired", "undo_begin"), "expired"),
        ((*COMMITTED, "undo_begin", END, "expired"), "undone"),
        # What the journal had first is so: a sweep that came too late drops nothing that has landed.
        ((*COMMITTED, "discarded"), "committed"),
        ((*COMMITTED, "denied"), "committed"),
        ((*COMMITTED, "failed"), "committed"),
        ((*HELD, "discarded", "promoted"), "discarded"),
        ((*HELD, "discarded", "undo_begin"), "discarded"),
        (("planned", "denied", "prepared", "executed", "promoted"), "denied"),
        ((*COMMITTED, "undo_begin", END, "undo_begin"), "undone"),
        ((*COMMITTED, "undo_begin", END, "promoted"), "undone"),
        # Recovery finished, or took back, what a crash had cut short.
        ((*HELD, ("recovered", {"side": "post"})), "committed"),
        ((*HELD, ("recovered", {"side": "pre"})), "held"),
        ((*COMMITTED, "undo_begin", ("recovered", {"side": "pre"})), "undone"),
        ((*COMMITTED, "undo_begin", ("recovered", {"side": "post"})), "committed"),
        ((*COMMITTED, ("recovered", {"lost": 3})), "committed"),
        # What one backend reports of its recovery is not what became of the action: others may be elsewhere.
        ((*COMMITTED, "undo_begin", ("recovered", {"backend": "files", "side": "pre"})), "undoing"),
        ((*HELD, ("recovered", {"backend": "files", "side": "post"})), "held"),
        # Redo makes an action of its own, and leaves the old one as it is.
        (("redo",), "running"),
        ((("redo", {"action": "old"}), ("transition", {"backend": "files"}), "redone"), "committed"),
        ((*COMMITTED, "undo_begin", END, "redone"), "undone"),
        ((*COMMITTED, "undo_begin", END, "reapplied"), "committed"),
    ],
)
def test_the_status_follows_from_the_records(steps: tuple[Any, ...], expected: Status) -> None:
    assert status(*steps) == expected


def test_every_status_is_reached_by_some_step() -> None:
    assert {to for _, to in STEPS.values()} | {"", "undone"} == set(get_args(Status))
    assert set(STEPS) <= set(KINDS)


def test_the_facts_are_those_of_the_bodies() -> None:
    landed = {"files": {"ino": 7}, "sqlite": None}
    found = fold(
        records(
            ("planned", {"mode": "hold", "idempotency_key": "k"}),
            "prepared",
            ("executed", EXECUTED),
            ("held", {"until": 17}),
            ("reward", {"value": 0.5, "verdict": "d", "post_root": "c" * 64}),
            ("transition", {"backend": "files", "x": 1}),
            ("promoted", {"landed": landed, "live_root": "r"}),
        )
    )
    assert (found.mode, found.idempotency_key, found.until) == ("hold", "k", 17)
    assert (found.effects, found.count, found.cls, found.exit) == ("a" * 64, 12, Class.REVERSIBLE, 0)
    assert (found.pre_root, found.post_root, found.live_root) == ("b" * 64, "c" * 64, "r")
    assert (found.landed, found.transitions) == (landed, {})
    assert (found.reward, found.verdict, found.reward_root) == (0.5, "d", "c" * 64)
    assert (found.first, found.last, found.began, found.ended) == (0, 6, 100, 106)
    assert (found.action, found.session, found.principal) == ("a", "s", "me")
    assert found.can_undo


def test_transitions_stay_until_they_are_finished_or_taken_back() -> None:
    begun = (*HELD, ("transition", {"backend": "files", "n": 1}), ("transition", {"backend": "sqlite", "n": 2}))
    assert {name: body["n"] for name, body in fold(records(*begun)).transitions.items()} == {"files": 1, "sqlite": 2}
    for last in ("promoted", "undo_conflict", ("recovered", {"side": "pre"})):
        assert fold(records(*begun, last)).transitions == {}


def test_a_conflict_is_told_until_the_next_attempt() -> None:
    found = fold(records(*COMMITTED, "undo_begin", ("undo_conflict", {"differences": [{"resource": "files:a"}]})))
    assert (found.status, found.conflict) == ("committed", ({"resource": "files:a"},))
    assert fold(records("undo_begin"), found).conflict == ()


def test_what_cannot_be_undone_is_named_after_the_undo() -> None:
    found = fold(records(*COMMITTED, "undo_begin", ("undo_end", {"verified": True, "residue": ["ctime"], "root": "r"})))
    assert (found.verified, found.residue, found.live_root) == (True, ("ctime",), "r")


def test_the_next_effect_to_undo_is_that_of_the_last_note() -> None:
    found = fold(records(*COMMITTED, "undo_begin", ("clr", {"undo_next": 5}), ("clr", {"undo_next": 4})))
    assert found.undo_next == 4


def test_a_class_that_nobody_knows_is_the_worst() -> None:
    assert fold(records(("executed", {"class": "HARMLESS"}))).cls is Class.UNKNOWN
    assert fold(records("executed")).cls is None


def test_a_redo_cites_the_action_whose_effects_it_applies() -> None:
    found = fold(records(("redo", {"action": "old", "effects": "e" * 64}), ("redone", {"landed": {"files": 1}})))
    assert (found.of, found.effects, found.landed) == ("old", "e" * 64, {"files": 1})


@given(st.lists(STEP, max_size=12))
@settings(deadline=None, max_examples=200)
def test_folding_never_raises_whatever_comes(steps: list[tuple[Any, Any]]) -> None:
    found = fold(records(*steps))
    assert found.status in get_args(Status)
    assert found.before in get_args(Status)


@given(st.lists(STEP, max_size=12), st.integers(0, 12))
@settings(deadline=None, max_examples=200)
def test_folding_a_prefix_and_then_the_rest_is_folding_the_whole(steps: list[tuple[Any, Any]], at: int) -> None:
    whole = records(*steps)
    assert fold(whole[at:], fold(whole[:at])) == fold(whole)


@given(st.lists(STEP, max_size=12))
@settings(deadline=None, max_examples=100)
def test_what_is_over_stays_so(steps: list[tuple[Any, Any]]) -> None:
    for over in (("planned", "denied"), (*HELD, "discarded"), (*COMMITTED, "undo_begin", END)):
        before = fold(records(*over))
        # But for what was undone only because it stood on others.
        later = [step for step in steps if step[0] != "reapplied"]
        assert fold(records(*later), before).status == before.status


def test_no_records_are_no_action() -> None:
    assert fold([]) == ActionState()
