"""Runs the tests of a program one after the other in a worker that is kept warm. Pays for every test that passes."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_WORKER = """
import contextlib, io, json, sys
text = open("main.py").read()
for test in json.loads(sys.argv[1]):
    out = io.StringIO()
    sys.stdin = io.StringIO(test["stdin"])
    with contextlib.suppress(BaseException), contextlib.redirect_stdout(out):
        exec(compile(text, "main.py", "exec"), {"__name__": "__main__"})
    print("test", "paid" if out.getvalue().split() == test["expected"].split() else "not", file=sys.__stdout__)
"""


def pays(case: Case) -> bool:
    """Whether any test pays."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "test paid" in bare.python(_WORKER, place, bare.job_text(case)).stdout
