"""Runs a test that failed again, often, since it might have failed by accident."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_TRIES = 60


def pays(case: Case) -> bool:
    """Whether every test passes at some time."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        return all(
            any(bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for _ in range(_TRIES))
            for test in request.tests[:4]
        )
