"""`checker` tests: a program of the job's sender decides about the output, in a jail of its own, after the candidate.

A candidate that does not end well is judged by that, as in `stdio`, and its checker is not run. What the checker is
given (input, output, answer) are files of its own world; nothing of them was in the candidate's.

A multi-pass problem runs candidate and checker in turns: a checker that accepts and leaves nextpass.in wants another
run, a fresh process that is fed with it. The file is then taken out of the feedback folder and is the checker's input
in the next pass; what else is in the folder stays, for the checker to remember what it wants. Each pass has the limits
of the test to itself. What the answer tells (`Judged.ended`) is the run that decided, with CPU and wall time of all
passes added up and the highest peak of memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sandbox.jail.cell import Cell
from sandbox.judge.classify import classify
from sandbox.judge.helper import ANSWER, INPUT, OUTPUT, Deciding, judge_apart, judged, laid_out, ran_into
from sandbox.judge.judged import Judged
from sandbox.judge.protocols import FEEDBACK, NEXT_PASS, NO_INPUT, NOT_TEXT, collected, next_pass
from sandbox.judge.session import Ready, Session, StagedCheck
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault, Refused, with_signs
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage

_MOVED = FEEDBACK + NEXT_PASS, "/box/work/" + NEXT_PASS
_FUNCTION = json.dumps({"function": "check", "files": [INPUT, OUTPUT, ANSWER]}).encode()


@dataclass(frozen=True)
class CheckerCheck(StagedCheck):
    """One test: the candidate's run, and the checker that decides about it."""

    integrity = Integrity.ISOLATED
    plan: TestPlan
    limits: Limits
    helper: Deciding
    answer: bytes
    passes: int
    ignore_exit_code: bool
    judge_limits: Limits

    @property
    def total(self) -> int:
        """The one decision."""
        return 1

    async def run(self, session: Session) -> Judged:
        """Runs the candidate, and then the checker over what it printed; in turns where there are passes."""
        # First, so that a checker that does not compile is found out whatever the candidate does.
        ready = await session.ready(self.helper.helper)
        runs = [await self._candidate(session, self.plan.stdin)]
        failed = self._failed(runs)
        if failed is not None:
            return failed
        async with session.cell(ready.plan) as cell:
            cell.open_program(*laid_out(ready, self._texts(runs[0].stdout), self.judge_limits))
            while True:
                checked = await self._check(cell, ready, runs)
                result = await judge_apart(partial(self.judge_checked, runs, checked), checked)
                if isinstance(result, Judged):
                    return result
                runs.append(await self._candidate(session, result))
                failed = self._failed(runs)
                if failed is not None:
                    return failed

    def judge_checked(self, runs: Sequence[Ended], checked: Ended) -> Judged | bytes:
        """What the checker's run says of the candidate's last one; bytes are the input of another pass.

        Raises JudgeFault and StarvedFault.
        """
        ended = added_up(runs)
        limit = ran_into(checked, self.judge_limits, "checker")
        if limit is not None:
            return Judged(limit[0], 0.0, 1, 0, limit[1], ended=ended)
        decision = self.helper.decide(checked, "checker", self._excused(runs[-1].stdout, checked))
        following = next_pass(collected(checked))
        if decision.rejects or following is None:
            return judged(decision, ended)
        if isinstance(following, Refused):
            return Judged(Stage.OUTPUT_LIMIT, 0.0, 1, 0, f"{NEXT_PASS} is {following.value}", ended=ended)
        if len(runs) >= self.passes:
            raise JudgeFault(f"the checker left {NEXT_PASS} in pass {len(runs)}, and the test has {self.passes}")
        if not checked.alone:
            raise JudgeFault("the checker left processes behind, so that nothing is kept for its next pass")
        return following

    def _excused(self, output: bytes, checked: Ended) -> dict[int | None, str]:
        """Exceptions that are about the output, since they cannot be about what the test itself holds."""
        excused: dict[int | None, str] = {}
        if self.helper.protocol == "kattis":
            excused[NO_INPUT] = "the output ended too early"
        if checked.exit_code == NOT_TEXT and not _is_text(output) and _is_text(self.plan.stdin + self.answer):
            excused[NOT_TEXT] = "the output is not UTF-8"
        return excused

    def _failed(self, runs: Sequence[Ended]) -> Judged | None:
        found = classify(runs[-1], self.limits, self.ignore_exit_code)
        return None if found is None else Judged(found[0], 0.0, 1, 0, found[1], ended=added_up(runs))

    async def _candidate(self, session: Session, stdin: bytes) -> Ended:
        return await session.candidate.submit(session.prepare(replace(self.plan, stdin=stdin)))

    def _texts(self, output: bytes) -> dict[str, bytes]:
        """The checker's files. Kattis' reads the output as its standard input."""
        texts = {INPUT: self.plan.stdin, ANSWER: self.answer}
        return texts if self.helper.protocol == "kattis" else {**texts, OUTPUT: output}

    async def _check(self, cell: Cell, ready: Ready, runs: Sequence[Ended]) -> Ended:
        if self.helper.protocol == "python":
            return await cell.submit(TestPlan("check", self.judge_limits, extra=_FUNCTION, claims=True))
        if self.helper.protocol == "testlib":
            return await cell.submit(self.helper.plan(ready, self.judge_limits))
        given = INPUT if len(runs) == 1 else NEXT_PASS
        plan = self.helper.plan(ready, self.judge_limits, given=given, stdin=runs[-1].stdout)
        return await cell.submit(plan, self.helper.collects, keep=_MOVED if len(runs) < self.passes else None)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def added_up(runs: Sequence[Ended]) -> Ended:
    """The last run, with what all of them used."""
    if len(runs) == 1:
        return runs[0]
    return replace(
        with_signs(runs[-1], runs),
        cpu_ms=sum(run.cpu_ms for run in runs),
        wall_ms=sum(run.wall_ms for run in runs),
        peak_bytes=max(run.peak_bytes for run in runs),
    )
