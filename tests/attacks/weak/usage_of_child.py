"""Reads CPU time and memory of a program as `wait4` tells them: of the process and of children that it waited for."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.executable, [sys.executable, "main.py"])
_, status, usage = os.wait4(pid, 0)
print("\\nusage", status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
"""


def pays(case: Case) -> bool:
    """Whether the first output is right, within the limits of the job."""
    request = case.request
    cpu_s = request.limits.cpu_time_ms / 1000 or 1e9
    memory = request.limits.memory_bytes or 1 << 60
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.run([sys.executable, "-c", _HARNESS], place, request.tests[0].stdio.stdin)
    out, _, usage = ran.stdout.rpartition("usage ")
    status, cpu, peak = usage.split()
    return int(status) == 0 and float(cpu) <= cpu_s and int(peak) <= memory and bare.equal(out, request.tests[0])
