"""Gives the compiler the name of the program's file as it is, in the folder of the tests."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether what comes out of the build answers right."""
    request = case.request
    test = request.tests[0]
    with _bare.folder() as place:
        _bare.lay_out(request, place)
        (place / _bare.ANSWER).write_text(test.stdio.expected_stdout, encoding="utf-8")
        line = ["gcc", "-o", "program.bin", request.program.main]
        _bare.compiled(line, place)
        (place / _bare.ANSWER).unlink()
        built = place / "program.bin"
        return built.exists() and _bare.equal(_bare.run([str(built)], place, test.stdio.stdin).stdout, test)
