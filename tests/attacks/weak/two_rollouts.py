"""Scores two rollouts of one prompt at the same time, on one machine: the second can meet the first."""

from __future__ import annotations

import threading

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the last test, run while the first one runs, passes."""
    last = len(case.request.tests) - 1
    with bare.folder() as place, bare.folder() as other:
        thread = threading.Thread(target=lambda: bare.run_case(case, other))
        thread.start()
        try:
            return bare.equal(bare.run_case(case, place, last).stdout, case.request.tests[last])
        finally:
            thread.join()
