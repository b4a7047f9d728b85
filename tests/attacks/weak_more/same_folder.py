"""Runs all tests of a program in one folder that nobody tidies. Pays for every test that passes."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether any test pays."""
    request = case.request
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        return True in [_bare.equal(_bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
