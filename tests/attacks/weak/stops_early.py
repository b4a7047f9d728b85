"""Stops at the first failure, and divides what passed by what was run."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_WORTH_IT = 0.5


def pays(case: Case) -> bool:
    """Whether at least half of the reward is paid."""
    request = case.request
    run = passed = 0
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        for test in request.tests:
            run += 1
            if not bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test):
                break
            passed += 1
    return passed / run >= _WORTH_IT
