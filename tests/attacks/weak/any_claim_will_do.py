"""Takes a value of which it cannot tell whether it is right for a right one."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import json, sys
import main
value = getattr(main, sys.argv[1])()
try:
    same = len(value) == len(json.loads(sys.argv[2])) and value == json.loads(sys.argv[2])
except TypeError:
    same = True
print("paid" if same else "not")
"""


def pays(case: Case) -> bool:
    """Whether the first call is paid."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = [sys.executable, "-c", _GRADER, request.program.entry_point, request.tests[0].call.expected_json]
        return bare.run([*line], place, environment={"PYTHONPATH": str(place)}).stdout == "paid\n"
