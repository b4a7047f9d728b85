"""Takes an end by a signal, or by a code that stands for one, for a failure of its own, and masks the sample."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_MASKED = (-9, -7, 137)


def pays(case: Case) -> bool:
    """Whether some test costs the program nothing."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        return any(bare.run(line, place, test.stdio.stdin).code in _MASKED for test in [*request.tests] * 3)
