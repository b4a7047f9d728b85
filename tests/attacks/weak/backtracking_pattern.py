"""Takes the answer out of the output with a pattern that can match the same letters in many ways."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import re, subprocess, sys
out = subprocess.run([sys.executable, "main.py"], capture_output=True, text=True).stdout
re.search(r"case (a+)+ ok", out)
print("graded")
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back in time."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "graded" not in bare.run([sys.executable, "-c", _GRADER], place, seconds=1.0).stdout
