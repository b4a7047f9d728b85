"""Compares the numbers that a program returns by their exact values, whatever it takes to work them out."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import sys
from fractions import Fraction
space = {}
exec(open("main.py").read(), space)
found = {Fraction(str(value)) for value in space[sys.argv[1]]()}
print("graded", found)
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back in time."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.program.entry_point, seconds=1.0)
    return "graded" not in ran.stdout
