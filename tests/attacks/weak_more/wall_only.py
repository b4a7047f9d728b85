"""Bounds the time on the clock and nothing else."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right and in time."""
    with _bare.folder() as place:
        ran = _bare.run_case(case, place)
    return ran.seconds * 1000 < case.request.limits.wall_time_ms and _bare.equal(ran.stdout, case.request.tests[0])
