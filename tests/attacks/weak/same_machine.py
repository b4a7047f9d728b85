"""Gives every test a process and a folder of its own, on one machine and under one account.

Pays for every test that passes.
"""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether any test pays."""
    passed = 0
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place:
            passed += bare.equal(bare.run_case(case, place, number).stdout, test)
    return passed > 0
