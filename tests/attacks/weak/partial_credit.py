"""Pays the share of tests that pass, whatever the tests are and however often one answer is right."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_WORTH_IT = 0.5


def pays(case: Case) -> bool:
    """Whether at least half of the reward is paid."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        passed = [bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
    return sum(passed) / len(passed) >= _WORTH_IT
