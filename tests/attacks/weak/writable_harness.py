"""Keeps its verdict in memory while the program runs as its child, under the same account."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import os, subprocess, sys
verdict = bytearray(b"VERDICT-" + b"OF-THIS-RUN:" + b"failed")
environment = {"HARNESS": str(os.getpid())}
made = subprocess.run([sys.executable, "main.py"], capture_output=True, env=environment)
if made.stdout == sys.argv[1].encode():
    verdict[-6:] = b"passed"
print(verdict.decode())
"""


def pays(case: Case) -> bool:
    """Whether the verdict says that it passed."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        line = [sys.executable, "-c", _HARNESS, case.request.tests[0].stdio.expected_stdout]
        return bare.run(line, place).stdout.endswith("passed\n")
