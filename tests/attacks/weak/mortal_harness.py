"""Has each program run by a harness under the same account; a harness that is lost is no failure of the program."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import os, subprocess, sys
made = subprocess.run([sys.executable, "main.py"], capture_output=True, env={"HARNESS": str(os.getpid())})
print("graded", made.stdout == sys.argv[1].encode())
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        expected = case.request.tests[0].stdio.expected_stdout
        line = [sys.executable, "-c", _HARNESS, expected]
        return "graded" not in bare.run(line, place, seconds=1.5).stdout
