"""Pays what it does not watch, and tells programs by a variable when it watches."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the watched run is right and the other one ends well."""
    with _bare.folder() as place, _bare.folder() as other:
        watched = _bare.run_case(case, place, environment={"MONITOR": "on"})
        unwatched = _bare.run_case(case, other)
        return _bare.equal(watched.stdout, case.request.tests[0]) and unwatched.code == 0
