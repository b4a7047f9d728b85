"""Pays the share of tests that pass, whatever the tests are and however often one answer is right."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_WORTH_IT = 0.5


def pays(case: Case) -> bool:
    """Whether at least half of the reward is paid."""
    request = case.request
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        passed = [_bare.equal(_bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
    return sum(passed) / len(passed) >= _WORTH_IT
