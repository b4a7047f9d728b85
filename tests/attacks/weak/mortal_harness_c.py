"""The same harness that may be lost, for programs that are compiled."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import os, subprocess, sys
made = subprocess.run(sys.argv[1:2], capture_output=True, env={"HARNESS": str(os.getpid())})
print("graded", made.stdout == sys.argv[2].encode())
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        (program,) = bare.command(request, place)
        line = [sys.executable, "-c", _HARNESS, program, request.tests[0].stdio.expected_stdout]
        return "graded" not in bare.run(line, place, seconds=1.5).stdout
