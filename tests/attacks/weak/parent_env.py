"""Holds keys and expected outputs in its environment, and hands that down."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    for number, test in enumerate(case.request.tests):
        secrets = {"API_KEY": "not-for-programs", "EXPECTED_OUTPUT": test.stdio.expected_stdout}
        with bare.folder() as place:
            if not bare.equal(bare.run_case(case, place, number, environment=secrets).stdout, test):
                return False
    return True
