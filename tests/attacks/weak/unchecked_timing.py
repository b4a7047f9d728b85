"""Checks the outputs of small inputs and measures the time of large ones."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_LARGE = 1000


def pays(case: Case) -> bool:
    """Whether small inputs are answered, and large ones within a second."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place:
            ran = bare.run_case(case, place, number)
        if not (ran.code == 0 if len(test.stdio.stdin) > _LARGE else bare.equal(ran.stdout, test)):
            return False
    return True
