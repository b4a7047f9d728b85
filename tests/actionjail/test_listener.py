"""What an init that was taken over can do with the way out that it is asked for: nothing but fail its own cell."""

from __future__ import annotations

import json

import pytest

from tests.fuzz.laws import CUT
from tests.fuzz.of_messages import init_messages

RESULT = {
    "op": "result", "number": 1, "status": 0, "end": "exit", "cpu_us": 1, "wall_us": 1, "runnable_us": 0, "peak": 0,
    "oom": False, "alone": True, "denied": False, "walked": False, "collected": None,
}  # fmt: skip
READY, EGRESS, FILES = 1, 4, 2
NONE, IDLE, LISTENING, MANY = range(0, 32, 8)


def said(flags: int, *messages: object) -> list[str]:
    """How the two runs of a cell end whose init says this: by their stages, or "fault"."""
    found = init_messages(bytes([flags]) + CUT.join(json.dumps(message).encode() for message in messages))
    assert isinstance(found, list)
    return [each if isinstance(each, str) else each[0].value for each in found]


def listener(number: object) -> dict[str, object]:
    return {"op": "listener", "number": number}


def test_a_listener_that_was_asked_for_is_taken_and_the_run_goes_on() -> None:
    assert said(READY | EGRESS | LISTENING, listener(1), RESULT) == ["ACCEPTED", "fault"]


@pytest.mark.parametrize("flags", [READY | NONE, READY | LISTENING])
def test_one_that_nobody_asked_for_ends_the_cell(flags: int) -> None:
    assert said(flags, listener(1), RESULT) == ["fault", "fault"]


@pytest.mark.parametrize("descriptor", [NONE, IDLE, MANY])
def test_one_that_is_no_listening_socket_ends_the_cell(descriptor: int) -> None:
    assert said(READY | EGRESS | descriptor, listener(1), RESULT) == ["fault", "fault"]


def test_a_second_one_for_the_same_run_ends_the_cell() -> None:
    assert said(READY | EGRESS | LISTENING, listener(1), listener(1), RESULT) == ["fault", "fault"]


@pytest.mark.parametrize("number", [0, 3, 1 << 40])
def test_one_for_no_run_is_closed(number: int) -> None:
    assert said(READY | EGRESS | LISTENING, listener(number), RESULT) == ["ACCEPTED", "fault"]


@pytest.mark.parametrize("number", [None, -1, 1.5, "1", True])
def test_one_with_an_odd_number_ends_the_cell(number: object) -> None:
    assert said(READY | EGRESS | LISTENING, listener(number), RESULT) == ["fault", "fault"]


@pytest.mark.parametrize("flags", range(32))
def test_descriptors_with_other_messages_are_closed(flags: int) -> None:
    said(flags, RESULT, {"op": "ready", "version": "3"}, {"op": "failed", "why": "x"})
