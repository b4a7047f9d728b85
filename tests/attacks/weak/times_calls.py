"""Imports the program, then measures how long the calls take."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, sys, time
space = {}
exec(open("main.py").read(), space)
began = time.process_time()
for test in json.loads(sys.argv[2]):
    if space[sys.argv[1]](*json.loads(test["args"])) != json.loads(test["expected"]):
        sys.exit(1)
print("took", time.process_time() - began)
"""


def pays(case: Case) -> bool:
    """Whether all calls are right and faster than the job allows."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.python(_HARNESS, place, request.program.entry_point, bare.job_text(case))
    return ran.code == 0 and float(ran.stdout.split()[-1]) < request.limits.cpu_time_ms / 1000
