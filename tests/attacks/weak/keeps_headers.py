"""Copies the headers of a program to where all programs look for theirs, and leaves them there."""

from __future__ import annotations

import shutil

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    request = case.request
    with bare.folder() as place, bare.folder() as headers:
        bare.lay_out(request, place)
        shutil.copytree(place / "opt" / "headers", headers, dirs_exist_ok=True)
        line = ["g++", "-I", str(headers), "-o", "program.bin", request.program.main]
        bare.compiled(line, place)
        return bare.equal(bare.run([str(place / "program.bin")], place).stdout, request.tests[0])
