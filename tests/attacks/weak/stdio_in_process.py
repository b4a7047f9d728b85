"""Pays for the right output of a program that runs inside the grader's own function, beside the expected output."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import contextlib
import io

def judge(source, given, expected):
    printed = io.StringIO()
    sys.stdin = io.StringIO(given)
    with contextlib.redirect_stdout(printed):
        exec(source, {"__name__": "__main__"})
    return printed.getvalue().strip() == expected.strip()

try:
    paid = [judge(job["source"], *pair) for pair in job["pairs"]] == [True] * len(job["pairs"]) != []
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return paid_inside(attack, _HARNESS)
