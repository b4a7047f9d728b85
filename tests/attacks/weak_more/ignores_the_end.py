"""Compares what was printed, and does not ask how the program ended."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    for number, test in enumerate(case.request.tests):
        with _bare.folder() as place:
            if not _bare.equal(_bare.run_case(case, place, number).stdout, test):
                return False
    return True
