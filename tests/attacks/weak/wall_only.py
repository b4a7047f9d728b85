"""Bounds the time on the clock and nothing else."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right and in time."""
    with bare.folder() as place:
        ran = bare.run_case(case, place)
    return ran.seconds * 1000 < case.request.limits.wall_time_ms and bare.equal(ran.stdout, case.request.tests[0])
