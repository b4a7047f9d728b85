"""`stdio` tests: what the program printed against what it should have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandbox.judge.classify import classify
from sandbox.judge.comparators import Comparator
from sandbox.judge.judged import Judged
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage


@dataclass(frozen=True, slots=True)
class StdioCheck:
    """One test: its input, and every output that is right."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    expected: tuple[bytes, ...]
    comparator: Comparator
    ignore_exit_code: bool
    total: int = 1

    def judge(self, ended: Ended) -> Judged:
        """The best comparison with any accepted output decides. Raises StarvedFault."""
        found = classify(ended, self.limits, self.ignore_exit_code)
        if found is not None:
            return Judged(found[0], 0.0, 1, 0, found[1], ended=ended)
        best = max((self.comparator(ended.stdout, expected) for expected in self.expected), key=lambda c: c.score)
        if best.score == 1.0:
            return Judged(Stage.ACCEPTED, 1.0, 1, 1, ended=ended)
        return Judged(Stage.WRONG_ANSWER, best.score, 1, 0, best.reason, ended=ended)
