"""Runs all tests of a program in one folder that nobody tidies. Pays for every test that passes."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether any test pays."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        return True in [bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
