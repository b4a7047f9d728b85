"""Evidence in the text of a program."""

from __future__ import annotations

import pytest

from sandbox.judge.hints import hints
from sandbox.model.plan import File


@pytest.mark.parametrize(
    ("text", "alarms"),
    [
        ("print(input())", []),
        ("open('/proc/self/maps')", ["names_proc"]),
        ("import sys; sys._getframe(1).f_locals", ["names_frames"]),
        ("ctypes.CDLL(None).ptrace(16, 1)", ["names_tracing"]),
        ("inspect.stack(); open('/proc/1/mem')", ["names_frames", "names_proc"]),
    ],
)
def test_an_alarm_stands_for_what_the_text_names(text: str, alarms: list[str]) -> None:
    assert hints([File("main.py", text.encode())]) == alarms


def test_every_file_is_looked_at_up_to_a_bound() -> None:
    near, far = File("a.py", bytes(1000)), File("b.py", b"/proc/")
    assert hints([near, far]) == ["names_proc"]
    assert hints([File("a.py", bytes(1 << 20)), far]) == []
