"""Drops samples that took too long from the batch, as if they had never been."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the sample costs the program nothing."""
    with bare.folder() as place:
        return bare.run_case(case, place, seconds=0.5).late
