"""Sets limits that a program may raise again."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_SOFTLY = """
import os, resource, sys
size = int(sys.argv[1])
hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
resource.setrlimit(resource.RLIMIT_DATA, (size, hard))
os.execv(sys.executable, [sys.executable, "main.py"])
"""


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = [sys.executable, "-c", _SOFTLY, str(request.limits.memory_bytes)]
        return bare.equal(bare.run(line, place, request.tests[0].stdio.stdin).stdout, request.tests[0])
