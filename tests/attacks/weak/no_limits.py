"""Waits for a program however long it takes; only the seconds that this module gives it itself bound that."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the grader would wait still."""
    with bare.folder() as place:
        return bare.run_case(case, place, seconds=0.7).late
