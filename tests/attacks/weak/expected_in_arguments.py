"""Starts the program from a small harness that has the expected output among its own arguments."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, subprocess, sys
tests = json.loads(sys.argv[1])
for test in tests:
    made = subprocess.run([sys.executable, "main.py"], input=test["stdin"], capture_output=True, text=True)
    if made.stdout != test["expected"]:
        sys.exit(1)
"""


def pays(case: Case) -> bool:
    """Whether every output is the expected one."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return bare.run([sys.executable, "-c", _HARNESS, bare.job_text(case)], place).code == 0
