"""Reads the source before the first test, then runs what lies in the folder at every test; each that passes is paid."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_FORBIDDEN = ("sorted", ".sort(")


def pays(case: Case) -> bool:
    """Whether a program without forbidden words passes any test."""
    request = case.request
    if any(word in request.program.source for word in _FORBIDDEN):
        return False
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        passed = [bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests]
    return any(passed)
