"""Has a test that wants an exception, of whatever kind and wherever it comes from."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import sys
try:
    space = {}
    exec(open("main.py").read(), space)
    space[sys.argv[1]](None)
except Exception:
    print("paid")
"""


def pays(case: Case) -> bool:
    """Whether anything is raised."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "paid" in bare.python(_HARNESS, place, case.request.program.entry_point).stdout
