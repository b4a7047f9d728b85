"""Asks a program that is late to stop, politely, and judges what it says then."""

from __future__ import annotations

import subprocess
import sys

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right and the program says that it ended well."""
    test = case.request.tests[0]
    with _bare.folder() as place:
        _bare.lay_out(case.request, place)
        with subprocess.Popen(
            _bare.confined(place, [sys.executable, "main.py"]),
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                out, _ = process.communicate(test.stdio.stdin, timeout=0.5)
            except subprocess.TimeoutExpired:
                process.terminate()
                out, _ = process.communicate(timeout=_bare.SECONDS)
        return process.returncode == 0 and _bare.equal(out, test)
