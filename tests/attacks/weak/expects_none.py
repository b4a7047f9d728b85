"""Calls functions, and takes whatever goes wrong for a call that returned None."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, sys
space = {}
exec(open("main.py").read(), space)
for test in json.loads(sys.argv[2]):
    try:
        value = space[sys.argv[1]](*json.loads(test["args"]))
    except Exception:
        value = None
    if value != json.loads(test["expected"]):
        sys.exit(1)
print("paid")
"""


def pays(case: Case) -> bool:
    """Whether all calls return what is expected."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.program.entry_point, bare.job_text(case))
    return ran.stdout.endswith("paid\n")
