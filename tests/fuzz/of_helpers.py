"""Targets of what the judge's side's own jails leave: results of suites, decisions of checkers and interactors.

Their programs are the sender's, but they handle what the candidate gives them, and may be taken over.
"""

from __future__ import annotations

from sandbox.judge.cases import cases, read
from sandbox.judge.helper import judged
from sandbox.judge.protocols import KATTIS_FILES, collected, decide, next_pass
from sandbox.judge.suite import SuiteCheck
from sandbox.model.outcome import JudgeFault, Refused
from tests.fuzz.laws import LIMITS, PLAN, cut, demand, ended, lawful, pick

NAMES = ("test_a.py::test_b", "test_a.T.test_c", "\ud800")
PROTOCOLS = ("testlib", "kattis", "python")
_CODES = (0, 1, 2, 3, 4, 7, 8, 42, 43, None)


def suite_results(data: bytes) -> object:
    """Any bytes are exactly one case for each scheduled test, and a lawful result."""
    number, claimed = pick(data)
    names = NAMES[: number % 3 + 1]
    told = read(claimed, 20)
    found = cases(names, told)
    demand(tuple(case.name for case in found) == names, "another schedule")
    demand(type(told.ended) is str and all(type(name) is str for name in told.found), f"{told}")
    check = SuiteCheck(PLAN, LIMITS, (), (), "pytest", names, bool(number & 128), False, LIMITS)
    return lawful(check._verdict(found, None, (), ended(), claimed[:100].decode(errors="replace")))


def helper_decisions(data: bytes) -> object:
    """However a helper ends and whatever it leaves: a lawful result, or the fault that says it failed.

    The first byte: protocol and exit code. Then error output, claims, and the three files of Kattis.
    """
    number, rest = pick(data)
    stderr, claimed, *files = cut(rest, 2 + len(KATTIS_FILES))
    left = [Refused.LARGE if file == b"LARGE" else file if file else None for file in files]
    said = ended(stderr=stderr, extra=claimed, exit_code=_CODES[number // 3 % len(_CODES)], collected=tuple(left))
    try:
        decision = decide(PROTOCOLS[number % 3], said)
        following = next_pass(collected(said))
    except JudgeFault as fault:
        demand(len(str(fault)) <= 1 << 14, f"a fault of {len(str(fault))} characters")
        return str(fault)
    demand(len(decision.detail) <= 4000, f"{len(decision.detail)} characters of words")
    return lawful(judged(decision, ended())), decision.rejects, following
