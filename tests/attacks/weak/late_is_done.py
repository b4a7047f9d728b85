"""Asks a program that is late to stop, politely, and judges what it says then."""

from __future__ import annotations

import subprocess
import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right and the program says that it ended well."""
    test = case.request.tests[0]
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        with subprocess.Popen(
            bare.confined(place, [sys.executable, "main.py"]),
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                out, _ = process.communicate(test.stdio.stdin, timeout=0.5)
            except subprocess.TimeoutExpired:
                process.terminate()
                out, _ = process.communicate(timeout=bare.SECONDS)
        return process.returncode == 0 and bare.equal(out, test)
