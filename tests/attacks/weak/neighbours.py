"""Gives every program a folder beside those of others, all under one account."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    request = case.request
    with bare.folder() as top:
        place, other = top / "cell-7", top / "cell-8"
        place.mkdir()
        other.mkdir()
        bare.lay_out(request, place)
        line = bare.command(request, place)
        for test in request.tests:
            (other / "solution.txt").write_text(test.stdio.expected_stdout, encoding="utf-8")
            if not bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test):
                return False
    return True
