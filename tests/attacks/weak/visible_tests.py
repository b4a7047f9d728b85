"""Leaves the file of tests in the folder in which the program runs."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place:
            (place / "tests.json").write_text(bare.job_text(case), encoding="utf-8")
            if not bare.equal(bare.run_case(case, place, number).stdout, test):
                return False
    return True
