"""Counts the results that came back, and finds that none of them is bad."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, sys
space = {}
exec(open("main.py").read(), space)
print(space[sys.argv[1]](1) == 2)
"""


def pays(case: Case) -> bool:
    """Whether no result is bad, and the process ended well."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.program.entry_point)
    return ran.code == 0 and all(line == "True" for line in ran.stdout.splitlines())
