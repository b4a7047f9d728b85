"""`call` tests: the value that one call returned, against the expected one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from sandbox.judge.claims import Malformed, claim_alarms, read_claims
from sandbox.judge.classify import classify
from sandbox.judge.judged import Judged
from sandbox.judge.values.comparator import ValueComparator
from sandbox.judge.values.compare_claim import Raises
from sandbox.judge.values.encode import encode
from sandbox.judge.values.types import Call, Raised, Value
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage


def job_call(function: str, call: Call, drain: bool = False) -> dict[str, object]:
    """One call as the driver reads it. `drain`: an iterator that it returns is made a list first."""
    return {"function": function, "args": encode(list(call.args)), "kwargs": encode(dict(call.kwargs)), "drain": drain}


def call_job(calls: list[dict[str, object]], seed: int | None) -> bytes:
    """What the driver in the candidate's process reads: names and arguments, nothing that is expected."""
    return json.dumps({"calls": calls, "seed": seed}).encode()


@dataclass(frozen=True, slots=True)
class CallCheck:
    """One call and the value that it should return."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    call: Call
    expected: Value
    comparator: ValueComparator
    total: int = 1

    def judge(self, ended: Ended) -> Judged:
        """An exception is RUNTIME_ERROR, unless the comparator asks for one. Raises StarvedFault."""
        found = classify(ended, self.limits)
        if found is not None:
            return Judged(found[0], 0.0, 1, 0, found[1], ended=ended)
        claims = read_claims(ended.extra, 1)
        if not claims:
            return Judged(Stage.RUNTIME_ERROR, 0.0, 1, 0, "the process ended before the call returned", ended=ended)
        claim = claims[0]
        if isinstance(claim, Malformed):
            return Judged(Stage.WRONG_ANSWER, 0.0, 1, 0, f"the value is not plain: {claim.reason}", ended=ended)
        if isinstance(claim, Raised) and not isinstance(self.comparator, Raises):
            why = f"{claim.type_name}: {claim.message[:200]}"
            return Judged(Stage.RUNTIME_ERROR, 0.0, 1, 0, why, ended=ended)
        comparison = self.comparator(claim, self.expected, self.call)
        alarms = claim_alarms(ended.extra, claims)
        if comparison.score == 1.0:
            return Judged(Stage.ACCEPTED, 1.0, 1, 1, alarms=alarms, ended=ended)
        return Judged(Stage.WRONG_ANSWER, comparison.score, 1, 0, comparison.reason, alarms, ended)
