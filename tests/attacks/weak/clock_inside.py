"""Measures the program by the clock of the process that it shares with it."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import time
began = time.perf_counter()
exec(compile(open("main.py").read(), "main.py", "exec"), {"__name__": "__main__"})
print("\\nusage", time.perf_counter() - began)
"""


def pays(case: Case) -> bool:
    """Whether the first output is right, and quick by that clock."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.run([sys.executable, "-c", _HARNESS], place, request.tests[0].stdio.stdin)
    out, _, took = ran.stdout.rpartition("usage ")
    return float(took) * 1000 < request.limits.cpu_time_ms and bare.equal(out, request.tests[0])
