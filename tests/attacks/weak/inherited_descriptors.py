"""Opens the answer and its folder before it starts the program, and lets both be inherited."""

from __future__ import annotations

import os

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether every output is the expected one."""
    for number, test in enumerate(case.request.tests):
        with bare.folder() as place, bare.folder() as judge:
            answer = judge / bare.ANSWER
            answer.write_text(test.stdio.expected_stdout, encoding="utf-8")
            held = [os.open(judge, os.O_RDONLY), os.open(answer, os.O_RDONLY)]
            try:
                ran = bare.run_case(case, place, number, keep=held)
            finally:
                for descriptor in held:
                    os.close(descriptor)
            if not bare.equal(ran.stdout, test):
                return False
    return True
