"""Runs programs in the process that grades them; when it dies, the sample counts as lost, not as wrong."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import contextlib, io, sys
out = io.StringIO()
try:
    with contextlib.redirect_stdout(out):
        exec(open("main.py").read(), {"__name__": "__main__"})
except BaseException:
    pass
print("graded", out.getvalue() == sys.argv[1])
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        ran = bare.python(_HARNESS, place, case.request.tests[0].stdio.expected_stdout)
    return "graded" not in ran.stdout
