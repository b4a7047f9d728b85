"""`asserts` tests whose expectations could be lifted out of the test code: calls go in, comparisons happen here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandbox.judge.claims import Claim, Malformed, claim_alarms, read_claims
from sandbox.judge.classify import classify
from sandbox.judge.judged import Judged
from sandbox.judge.lifting import Lifted, LiftedAssert, Vacuous
from sandbox.judge.native import python_equal, to_python
from sandbox.judge.values.types import Raised
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage

# Where a claim should be: None is a value that a call may return.
_MISSING = object()


@dataclass(frozen=True, slots=True)
class LiftedCheck:
    """All asserts of one test, made against one process of the candidate."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    lifted: Lifted
    per_assert: bool

    @property
    def total(self) -> int:
        """How many asserts there are, fixed before the run."""
        return len(self.lifted.asserts)

    def judge(self, ended: Ended) -> Judged:
        """Every assert is judged on its own claim; one that was not reached has failed. Raises StarvedFault."""
        calls = sum(isinstance(item, LiftedAssert) for item in self.lifted.asserts)
        listed = read_claims(ended.extra, calls)
        claims = iter(listed)
        passed, first, stage = 0, "", Stage.WRONG_ANSWER
        reached = bool(listed) or ended.exit_code == 0
        for number, item in enumerate(self.lifted.asserts, 1):
            if isinstance(item, Vacuous):
                passed += reached
                continue
            claim = next(claims, _MISSING)
            reached = reached and claim is not _MISSING
            why = _failure(item, claim)
            if not why:
                passed += 1
            elif not first:
                first = f"assert {number}: {why}"
                if claim is _MISSING or isinstance(claim, Raised):
                    stage = Stage.RUNTIME_ERROR
        alarms = claim_alarms(ended.extra, listed)
        found = classify(ended, self.limits)
        if found is not None:
            stage, first = found
        elif passed == self.total:
            return Judged(Stage.ACCEPTED, 1.0, self.total, passed, alarms=alarms, ended=ended)
        # Even a run that ended badly after its last claim is not a pass.
        share = passed / self.total if self.per_assert else 0.0
        return Judged(stage, min(share, 1 - 1 / (2 * self.total)), self.total, passed, first, alarms, ended)


def _failure(item: LiftedAssert, claim: Claim) -> str:
    if claim is _MISSING:
        return "the process ended before this call returned"
    if isinstance(claim, Raised):
        return f"{claim.type_name}: {claim.message[:200]}"
    if isinstance(claim, Malformed):
        return f"the value is not plain: {claim.reason}"
    if item.check.judge(to_python(claim), python_equal):
        return ""
    return "the value is not the expected one"
