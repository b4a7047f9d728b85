"""Copies its input into the folder of the program before each run, to whatever has that name by then."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the second output is right, which only the folder of the judge holds."""
    request = case.request
    with bare.folder() as top:
        place, judge = top / "work", top / "judge"
        place.mkdir()
        judge.mkdir()
        bare.lay_out(request, place)
        line = bare.command(request, place)
        ran = bare.Ran("", 0, False, 0.0)
        for number, test in enumerate(request.tests):
            (judge / f"expected{number}.txt").write_text(test.stdio.expected_stdout, encoding="utf-8")
            (place / "input.txt").write_text(test.stdio.stdin, encoding="utf-8")
            ran = bare.run(line, place, test.stdio.stdin)
            # What the program leaves as its output is kept beside the answers, links and all.
            left = place / "output.txt"
            if left.is_symlink() and left.exists() and bare.equal(left.read_text(encoding="utf-8"), test):
                return True
        return bare.equal(ran.stdout, request.tests[-1])
