"""Counts asserts while they run, in the program's process, and divides what held by what was reached."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import sys
space = {}
exec(open("main.py").read(), space)
for line in sys.argv[1].splitlines():
    exec(line, space)
    print("held", flush=True)
"""


def pays(case: Case) -> bool:
    """Whether some asserts held and none failed."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.tests[0].asserts.code)
    return ran.code == 0 and "held" in ran.stdout
