"""Keeps the schedule in the program's process, and finds that all of it passed."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, sys
schedule = json.loads(sys.argv[2])
space = {}
exec(open("main.py").read(), space)
results = []
while schedule:
    test = schedule.pop()
    results.append(space[sys.argv[1]](*json.loads(test["args"])) == json.loads(test["expected"]))
print("paid" if all(results) else "not")
"""


def pays(case: Case) -> bool:
    """Whether all of the results are good."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.program.entry_point, bare.job_text(case))
    return ran.stdout.endswith("paid\n")
