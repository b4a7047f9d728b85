"""Starts the program as a child, under the same account, with all expected outputs in its memory."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, subprocess, sys
tests = json.loads(sys.stdin.read())
for test in tests:
    made = subprocess.run([sys.executable, "main.py"], input=test["stdin"], capture_output=True, text=True)
    if made.stdout != test["expected"]:
        sys.exit(1)
"""


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return bare.run([sys.executable, "-c", _HARNESS], place, bare.job_text(case)).code == 0
