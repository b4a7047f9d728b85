"""What the server takes for a message of an init, and what for nonsense."""

from __future__ import annotations

import json

import pytest

from sandbox.jail.replies import read_message
from sandbox.model.outcome import JailFault

RESULT = {
    "op": "result", "number": 1, "status": 256, "end": "exit", "cpu_us": 1, "wall_us": 2, "runnable_us": 0,
    "oom": False, "peak": 4096, "alone": True, "denied": False, "walked": True,
}  # fmt: skip


def test_messages_of_an_init_are_read_as_they_are() -> None:
    for message in (RESULT, {**RESULT, "collected": [5, -1]}, {"op": "ready", "version": "3.12"}):
        assert read_message(json.dumps(message).encode()) == message


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"1", b'"result"', b"{}", b'{"op": []}', b'{"op": "exec"}', b"[" * 5000, b"\xff", b"1" * 5000],
)
def test_what_is_no_message_is_a_fault_of_the_cell(data: bytes) -> None:
    with pytest.raises(JailFault):
        read_message(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("number", value) for value in (None, "1", -1, 1.0, True, 1 << 64)),
        *(("status", value) for value in (-1, 1 << 16, 0x137F, 0xFFFF, "0")),
        *(("end", value) for value in (None, 1, "", "EXIT", ["exit"])),
        *((field, value) for field in ("cpu_us", "wall_us", "runnable_us", "peak") for value in (-1, 0.5, 1 << 53)),
        *((field, value) for field in ("oom", "alone", "denied", "walked") for value in (None, 0, "false")),
        *(("collected", value) for value in (5, "5", [-4], [None], [True], [1 << 53], {"0": 5})),
    ],
)
def test_an_odd_field_is_a_fault_of_the_cell_that_names_it(field: str, value: object) -> None:
    with pytest.raises(JailFault, match=field):
        read_message(json.dumps({**RESULT, field: value}).encode())
