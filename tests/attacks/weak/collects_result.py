"""Opens the file that a program leaves as its result, whatever that is by then."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import subprocess, sys
subprocess.run([sys.executable, "main.py"], stdout=subprocess.DEVNULL)
with open("result.txt") as file:
    text = file.read(1 << 20)
with open("expected_output.txt") as file:
    print("graded", "paid" if text.split() == file.read().split() else "not")
"""


def pays(case: Case) -> bool:
    """Whether the result is right, or no grade comes back."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        (place / bare.ANSWER).write_text(case.request.tests[0].stdio.expected_stdout, encoding="utf-8")
        out = bare.run([sys.executable, "-c", _GRADER], place, seconds=1.0).stdout
    return "graded" not in out or "paid" in out
