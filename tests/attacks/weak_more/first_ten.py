"""Runs the first ten tests of a program, to save time."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether those pass."""
    request = case.request
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        line = _bare.command(request, place)
        return all(_bare.equal(_bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests[:10])
