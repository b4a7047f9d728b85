"""Compares the program with a reference solution that lives in the same process."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import sys
space, suite = {}, {}
exec(sys.argv[1], suite)
exec(open("main.py").read(), space)
suite["check"](space[sys.argv[2]])
print("paid")
"""


def pays(case: Case) -> bool:
    """Whether the suite of the first test runs to its end."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.python(_HARNESS, place, request.tests[0].asserts.code, request.program.entry_point)
    return ran.stdout.endswith("paid\n")
