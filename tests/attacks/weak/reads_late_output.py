"""Kills the process group of a program that is late, then reads its output until nobody can write to it any more."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    with bare.folder() as place:
        return bare.equal(bare.run_case(case, place, seconds=0.3).stdout, case.request.tests[0])
