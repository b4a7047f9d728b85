"""Imports the program once and asks it everything in that one process."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
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
    with _bare.folder() as place:
        _bare.lay_out(case.request, place)
        ran = _bare.python(_HARNESS, place, case.request.program.entry_point, _bare.job_text(case))
    return ran.stdout.endswith("paid\n")
