"""Tells the model what was expected when it fails, and lets it try again."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the second turn passes."""
    request = case.request
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        told = []
        for test in request.tests:
            ran = bare.run(line, place, test.stdio.stdin)
            if not bare.equal(ran.stdout, test):
                told.append(f"{test.stdio.stdin!r}\t{test.stdio.expected_stdout!r}")
        (place / "feedback.txt").write_text("\n".join(told), encoding="utf-8")
        return all(bare.equal(bare.run(line, place, test.stdio.stdin).stdout, test) for test in request.tests)
