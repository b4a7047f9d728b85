"""`asserts` tests that cannot be lifted: the test code runs in a jail of its own and reaches the candidate by calls."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sandbox.judge.classify import classify
from sandbox.judge.judged import Judged
from sandbox.judge.lifting import NotLiftable, free_names
from sandbox.judge.session import Session, StagedCheck
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

ORACLE = "oracle_from_candidate"
# The test's side waits for the candidate, so its clock runs longer.
_LONGER_MS = 5000
# And its report needs room, however little the candidate is given.
_REPORT_BYTES = 1 << 20


@dataclass(frozen=True)
class SplitCheck(StagedCheck):
    """Test code beside its candidate. `plan` is the candidate's process, `tester` the test's."""

    integrity = Integrity.SPLIT
    plan: TestPlan
    tester: TestPlan
    limits: Limits
    checks: int
    per_assert: bool
    alarms: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many asserts the test code holds."""
        return self.checks

    async def run(self, session: Session) -> Judged:
        """Runs both processes, joined by a socket. Raises FaultError."""
        async with session.cell(session.tester()) as tester:
            ours, theirs = socket.socketpair()
            try:
                tester.open_program((), self.tester.limits.disk_bytes)
                candidate = session.candidate.submit(session.prepare(self.plan), channel=ours.fileno())
                test = tester.submit(self.tester, channel=theirs.fileno())
            finally:
                ours.close()
                theirs.close()
            ended, tested = await asyncio.gather(candidate, test)
        return self.judge_split(ended, tested)

    def judge_split(self, ended: Ended, tested: Ended) -> Judged:
        """What held, and how the candidate ended. Raises StarvedFault and JudgeFault."""
        found, exhausted = classify(ended, self.limits), self._exhausted(tested)
        if exhausted is not None:
            stage, detail = found or exhausted
            return Judged(stage, 0.0, self.total, 0, detail, self.alarms, ended)
        report = self._report(tested)
        done = report["ended"] == "done"
        # In a test that ran to its end, an assert that was not reached had nothing to object to.
        passed = sum(
            (held > 0 or done) and not failed for held, failed in zip(report["held"], report["failed"], strict=True)
        )
        if found is None and done and passed == self.total:
            return Judged(Stage.ACCEPTED, 1.0, self.total, passed, alarms=self.alarms, ended=ended)
        stage, detail = found or _first_failure(report)
        share = passed / self.total if self.per_assert else 0.0
        return Judged(stage, min(share, 1 - 1 / (2 * self.total)), self.total, passed, detail, self.alarms, ended)

    def _exhausted(self, tested: Ended) -> tuple[Stage, str] | None:
        """Test code that ran into a limit did so over what the candidate gave it: no candidate may choose a fault."""
        found = classify(tested, self.tester.limits)
        if found is None or found[0] not in (Stage.TIME_LIMIT, Stage.MEMORY_LIMIT, Stage.OUTPUT_LIMIT):
            return None
        return found[0], f"the test code, over what it was given: {found[1]}"

    def _report(self, tested: Ended) -> dict[str, Any]:
        found = classify(tested, self.tester.limits)
        if found is not None:
            raise JudgeFault(f"the test code did not end well: {found[1]}")
        try:
            report: dict[str, Any] = json.loads(tested.extra)
        except ValueError as error:
            raise JudgeFault("the test code left no report") from error
        if len(report["held"]) != self.total:
            raise JudgeFault(f"the test code has {len(report['held'])} asserts, {self.total} were counted")
        if report["ended"] == "unsent":
            raise JudgeFault(f"the test code hands over what cannot leave its process: {report['unsent'][:200]}")
        return report


def _first_failure(report: dict[str, Any]) -> tuple[Stage, str]:
    """What went wrong first: an assert, or what ended the test."""
    if report["first"]:
        return Stage.RUNTIME_ERROR if report["raised"] else Stage.WRONG_ANSWER, report["first"]
    if report["ended"] == "gone":
        return Stage.RUNTIME_ERROR, "the process ended before its calls returned"
    return Stage.RUNTIME_ERROR, f"the test code was stopped by {report['ended'][:300]}"


def plan_split(
    request: job_pb2.ScoreRequest,
    spec: job_pb2.AssertsTest,
    entry_point: str,
    limits: Limits,
    found: NotLiftable,
    seed: int | None,
) -> SplitCheck:
    """The check for test code that could not be lifted."""
    names = _oracles(spec.code, spec.setup, entry_point)
    job = {"code": spec.code, "setup": spec.setup, "entry_point": entry_point, "names": sorted(names)}
    longer = replace(
        limits,
        wall_time_ms=limits.wall_time_ms + _LONGER_MS,
        # Its outputs are files, too: they must reach their own limit, which is the candidate's doing, before this one.
        file_bytes=max(limits.file_bytes, limits.output_bytes, _REPORT_BYTES),
        disk_bytes=max(limits.disk_bytes, _REPORT_BYTES),
    )
    return SplitCheck(
        plan=TestPlan("serve", limits, seed=seed),
        tester=TestPlan("split", longer, extra=json.dumps(job).encode(), claims=True, seed=seed),
        limits=limits,
        checks=found.total,
        per_assert=spec.per_assert,
        alarms=(ORACLE,) if names else (),
    )


@lru_cache(maxsize=512)
def _oracles(code: str, setup: str, entry_point: str) -> frozenset[str]:
    """Names that the test takes from the candidate's module beside the function under test."""
    return free_names(code, setup, entry_point)
