"""Compares numbers exactly, at any length and with any exponent."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import subprocess, sys
from fractions import Fraction
sys.set_int_max_str_digits(0)
out = subprocess.run([sys.executable, "main.py"], capture_output=True, text=True).stdout
print("graded", [Fraction(token) for token in out.split()] == [42])
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back in time."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "graded" not in bare.run([sys.executable, "-c", _GRADER], place, seconds=1.0).stdout
