"""Counts only the tests that the model was shown."""

from __future__ import annotations

import json
import sys

from sandbox.v1 import job_pb2
from tests.attacks.weak import bare
from tests.programs.corpus import Case

_CALL = """
import json, sys
space = {}
exec(open("main.py").read(), space)
print(json.dumps(space[sys.argv[1]](*json.loads(sys.argv[2]))))
"""


def pays(case: Case) -> bool:
    """Whether all public tests pass."""
    request = case.request
    shown = [test for test in request.tests if test.visibility == job_pb2.PUBLIC]
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        for test in shown:
            if test.HasField("call"):
                asked = [sys.executable, "-c", _CALL, request.program.entry_point, test.call.args_json]
                if json.loads(bare.run(asked, place).stdout) != json.loads(test.call.expected_json):
                    return False
            elif not bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test):
                return False
    return bool(shown)
