"""Takes the time stamp of a program's last file for the time at which it was done."""

from __future__ import annotations

import os

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the answer is right and the file says that it was quick."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        began = os.stat(place).st_mtime
        ran = bare.run(line, place, request.tests[0].stdio.stdin)
        took = os.stat(place / "done").st_mtime - began
    return took * 1000 < request.limits.cpu_time_ms and bare.equal(ran.stdout, request.tests[0])
