"""Imports the program once and asks it everything in that one process."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, sys
space = {}
exec(open("main.py").read(), space)
for test in json.loads(sys.argv[2]):
    if space[sys.argv[1]](*json.loads(test["args"])) != json.loads(test["expected"]):
        sys.exit(1)
print("paid")
"""


def pays(case: Case) -> bool:
    """Whether every call returns what is expected."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.program.entry_point, bare.job_text(case))
    return ran.stdout.endswith("paid\n")
