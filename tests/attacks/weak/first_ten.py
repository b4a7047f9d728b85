"""Runs the first ten tests of a program, to save time."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether those pass."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        return all(bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests[:10])
