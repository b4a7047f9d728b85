"""Takes an end by a signal, or by a code that stands for one, for a failure of its own, and masks the sample."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_MASKED = (-9, -7, 137)


def pays(case: Case) -> bool:
    """Whether some test costs the program nothing."""
    request = case.request
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        return any(_bare.run(line, place, test.stdio.stdin).code in _MASKED for test in [*request.tests] * 3)
