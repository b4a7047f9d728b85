"""Looks at programs where it is not graded, on an ordinary machine, and pays what it has seen there."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place:
            if not bare.equal(bare.run_case(case, place, number).stdout, test):
                return False
    return True
