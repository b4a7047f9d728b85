"""Asks how much memory a program has when it is done."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
exec(compile(open("main.py").read(), "main.py", "exec"), {"__name__": "__main__"})
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print("\\nusage", int(line.split()[1]) * 1024)
"""


def pays(case: Case) -> bool:
    """Whether the first output is right, and little memory is left in use."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.run([sys.executable, "-c", _HARNESS], place, request.tests[0].stdio.stdin)
    out, _, usage = ran.stdout.rpartition("usage ")
    return int(usage) <= request.limits.memory_bytes and bare.equal(out, request.tests[0])
