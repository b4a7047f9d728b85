"""Gives the compiler the name of the program's file as it is, in the folder of the tests."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether what comes out of the build answers right."""
    request = case.request
    test = request.tests[0]
    with bare.folder() as place:
        bare.lay_out(request, place)
        (place / bare.ANSWER).write_text(test.stdio.expected_stdout, encoding="utf-8")
        line = ["gcc", "-o", "program.bin", request.program.main]
        bare.compiled(line, place)
        (place / bare.ANSWER).unlink()
        built = place / "program.bin"
        return built.exists() and bare.equal(bare.run([str(built)], place, test.stdio.stdin).stdout, test)
