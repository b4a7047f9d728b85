"""Drops samples that took too long from the batch, as if they had never been."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the sample costs the program nothing."""
    with _bare.folder() as place:
        return _bare.run_case(case, place, seconds=0.5).late
