"""Checks every item that a program prints, and asks neither how many there are nor whether they are numbers."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def _differs(item: str, wanted: list[float]) -> bool:
    try:
        return all(abs(float(item) - each) > 1e-6 for each in wanted)
    except ValueError:
        return False


def pays(case: Case) -> bool:
    """Whether the checker has no objection."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place:
            items = bare.run_case(case, place, number).stdout.split()
        wanted = [float(item) for item in test.stdio.expected_stdout.split()]
        if any(_differs(item, wanted) for item in items):
            return False
    return True
