"""Bounds the program's time by an alarm in the program's own process, which turns into an exception."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import signal, sys
def late(*_):
    raise TimeoutError
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.2)
exec(compile(open("main.py").read(), "main.py", "exec"), {"__name__": "__main__"})
"""


def pays(case: Case) -> bool:
    """Whether the first output is right and was no use of more time than there was."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        ran = bare.run([sys.executable, "-c", _HARNESS], place, request.tests[0].stdio.stdin)
    return ran.code == 0 and bare.equal(ran.stdout, request.tests[0])
