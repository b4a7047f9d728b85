"""Reads the source before the first test, then runs what lies in the folder at every test; each that passes is paid."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_FORBIDDEN = ("sorted", ".sort(")


def pays(case: Case) -> bool:
    """Whether a program without forbidden words passes any test."""
    request = case.request
    if any(word in request.program.source for word in _FORBIDDEN):
        return False
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        passed = [_bare.equal(_bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
    return any(passed)
