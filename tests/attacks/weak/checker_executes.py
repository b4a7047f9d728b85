"""Has a checker that makes a program out of what it is to check, and trusts how that ends."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_CHECKER = "claimed = {}\nexpected = {!r}\nassert claimed == expected\n"


def pays(case: Case) -> bool:
    """Whether the checker is content with every output."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place, bare.folder() as aside:
            out = bare.run_case(case, place, number).stdout
            expected = test.stdio.expected_stdout.strip()
            if bare.run([sys.executable, "-c", _CHECKER.format(out.strip(), expected)], aside).code:
                return False
    return True
