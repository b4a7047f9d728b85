"""Waits for a program however long it takes; only the seconds that this module gives it itself bound that."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the grader would wait still."""
    with _bare.folder() as place:
        return _bare.run_case(case, place, seconds=0.7).late
