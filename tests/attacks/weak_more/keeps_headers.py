"""Copies the headers of a program to where all programs look for theirs, and leaves them there."""

from __future__ import annotations

import shutil

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    request = case.request
    with _bare.folder() as place, _bare.folder() as headers:
        _bare.lay_out(request, place)
        shutil.copytree(place / "opt" / "headers", headers, dirs_exist_ok=True)
        line = ["g++", "-I", str(headers), "-o", "program.bin", request.program.main]
        _bare.compiled(line, place)
        return _bare.equal(_bare.run([str(place / "program.bin")], place).stdout, request.tests[0])
