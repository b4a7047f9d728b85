"""Reads what a program prints as JSON, and catches what the reader documents."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import json, subprocess, sys
call = "import main, json; value = main.%s(); print(value if type(value) is str else json.dumps(value))"
call %= sys.argv[1]
out = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True).stdout
try:
    set(json.loads(out))
except (ValueError, TypeError):
    pass
print("graded")
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back, in time or at all."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        line = [sys.executable, "-c", _GRADER, case.request.program.entry_point]
        return "graded" not in bare.run(line, place, seconds=1.0).stdout
