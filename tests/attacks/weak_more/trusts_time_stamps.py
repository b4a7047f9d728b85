"""Takes the time stamp of a program's last file for the time at which it was done."""

from __future__ import annotations

import os

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the answer is right and the file says that it was quick."""
    request = case.request
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        began = os.stat(place).st_mtime
        ran = _bare.run(line, place, request.tests[0].stdio.stdin)
        took = os.stat(place / "done").st_mtime - began
    return took * 1000 < request.limits.cpu_time_ms and _bare.equal(ran.stdout, request.tests[0])
