"""Builds in a folder that programs bring with them, and only what is older than its source."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether all outputs are right."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        built = place / "program"
        if not built.exists():
            line = ["gcc", "-o", "program", "main.c"]
            bare.compiled(line, place)
        built.chmod(0o755)
        return all(bare.equal(bare.run([str(built)], place, test.stdio.stdin).stdout, test) for test in request.tests)
