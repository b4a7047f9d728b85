"""Stops at the first failure, and divides what passed by what was run."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_WORTH_IT = 0.5


def pays(case: Case) -> bool:
    """Whether at least half of the reward is paid."""
    request = case.request
    run = passed = 0
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        for test in request.tests:
            run += 1
            if not _bare.equal(_bare.run(line, place, test.stdio.stdin).stdout, test):
                break
            passed += 1
    return passed / run >= _WORTH_IT
