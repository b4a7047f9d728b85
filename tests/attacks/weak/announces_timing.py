"""Tells programs by their environment when they are measured, and checks no output then."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the measured run is quick."""
    with bare.folder() as place:
        ran = bare.run_case(case, place, environment={"BENCHMARK": "1"})
    return ran.code == 0 and ran.seconds < bare.SECONDS
