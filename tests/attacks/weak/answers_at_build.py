"""Builds a program with its answers beside it, as projects keep their tests, and runs what came of it."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    test = case.request.tests[0]
    with bare.folder() as place:
        (place / bare.ANSWER).write_text(test.stdio.expected_stdout, encoding="utf-8")
        return bare.equal(bare.run_case(case, place).stdout, test)
