"""Canaries: tests that nobody can pass, planted among a job's own. One that passes proves a breach. Pure.

A canary is a copy of a test of the job, with a fresh random value as what is expected. What goes into the jail is that
test's own plan, so a program cannot tell the two apart; whoever answers with the value has it from where no program may
look, or has got hold of the judge. Canaries count for nothing but that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from sandbox.check import Check, Checked, Scheduled
from sandbox.errors import JobError
from sandbox.judge.alarms import CANARY_PASSED
from sandbox.judge.call import CallCheck
from sandbox.judge.judged import Judged
from sandbox.judge.stdio import StdioCheck
from sandbox.judge.values.types import Value
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

_BITS = 128
# Letters alone, four bits each: no comparator takes them for a number.
_LETTERS = "abcdefghijklmnop"
# Comparators that accept nothing but the whole of what is expected, with names of text and of value ones.
_WHOLE = {
    "stdio": frozenset(
        {"", "lines", "exact", "exact_trim_nl", "strip", "space_exact", "tokens", "tokens_lines", "tokens_sepclass"}
        | {"bool_fold", "floats", "unordered", "lcb", "lcb_tol"}
    ),
    "call": frozenset(
        {"", "py_eq", "python_eq", "approx", "evalplus", "set_eq", "multiset_eq", "sorted_eq", "unordered"}
        | {"linked_list", "tree"}
    ),
}
# Stages of a test whose process never ran to be judged.
_NOT_RUN = (Stage.SKIPPED, Stage.COMPILE_ERROR)


@dataclass(frozen=True, slots=True)
class Harvest:
    """The results of a job's own tests, in their order, and what became of its canaries."""

    results: list[Judged]
    scheduled: int
    failed: int


def plant(job: Checked, tests: Sequence[job_pb2.Test], random: Random) -> Checked:
    """The job with the canaries that it asks for, at random places of its schedule. Raises JobError."""
    if not job.request.canaries:
        return job
    left = [number for number, test in enumerate(tests) if _compares_all(test)]
    schedule = list(job.tests)
    while left and len(schedule) < len(job.tests) + job.request.canaries:
        at = random.randrange(len(left))
        canary = _copy(job.tests[left[at]].check, random)
        if canary is None:
            left[at] = left[-1]
            left.pop()
        else:
            schedule.insert(random.randrange(len(schedule) + 1), Scheduled("", 1.0, "", False, canary, canary=True))
    if not left:
        raise JobError(
            "canaries",
            "no test of this job can be copied as one",
            "have a stdio or call test whose comparator compares all that is expected, or ask for none",
        )
    return replace(job, tests=tuple(schedule))


def take_out(job: Checked, results: Sequence[Judged]) -> Harvest:
    """The results without those of canaries. After a breach no test has passed, and none has a score."""
    own = [result for test, result in zip(job.tests, results, strict=True) if not test.canary]
    planted = [result for test, result in zip(job.tests, results, strict=True) if test.canary]
    ran = [result for result in planted if result.stage not in _NOT_RUN]
    failed = sum(result.stage is not Stage.ACCEPTED for result in ran)
    if failed < len(ran):
        own = [_breached(result) for result in own]
    return Harvest(own, len(ran), failed)


def _compares_all(test: job_pb2.Test) -> bool:
    kind = test.WhichOneof("kind")
    if kind == "stdio":
        return test.stdio.comparator.name in _WHOLE[kind]
    return kind == "call" and test.call.comparator.name in _WHOLE[kind]


def _copy(check: Check, random: Random) -> Check | None:
    """The check with a random value expected; None where no answer would be accepted, or another one, too."""
    word, other = _word(random), _word(random)
    if isinstance(check, StdioCheck):
        text, another = f"{word}\n".encode(), f"{other}\n".encode()
        if check.comparator(text, text).score == 1.0 and check.comparator(another, text).score == 0.0:
            return replace(check, expected=(text,))
    elif isinstance(check, CallCheck):
        for value, wrong in ((word, other), ([word], [other])):
            if _accepts(check, value, value) == 1.0 and _accepts(check, wrong, value) == 0.0:
                return replace(check, expected=value)
    return None


def _accepts(check: CallCheck, actual: Value, expected: Value) -> float:
    return check.comparator(actual, expected, check.call).score


def _word(random: Random) -> str:
    bits = random.getrandbits(_BITS)
    return "".join(_LETTERS[bits >> shift & 15] for shift in range(0, _BITS, 4))


def _breached(result: Judged) -> Judged:
    """What a test is worth in a program that passed a canary. The detail stays empty: a model may be shown it."""
    alarms = (*result.alarms, CANARY_PASSED)
    return Judged(Stage.SECURITY_VIOLATION, 0.0, result.total, 0, alarms=alarms, ended=result.ended)
