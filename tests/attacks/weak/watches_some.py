"""Pays what it does not watch, and tells programs by a variable when it watches."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the watched run is right and the other one ends well."""
    with bare.folder() as place, bare.folder() as other:
        watched = bare.run_case(case, place, environment={"MONITOR": "on"})
        unwatched = bare.run_case(case, other)
        return bare.equal(watched.stdout, case.request.tests[0]) and unwatched.code == 0
