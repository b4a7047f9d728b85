"""Kills the process group of a program that is late, then reads its output until nobody can write to it any more."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    with _bare.folder() as place:
        return _bare.equal(_bare.run_case(case, place, seconds=0.3).stdout, case.request.tests[0])
