"""`asserts` tests that cannot be lifted: the test code runs in a jail of its own and reaches the candidate by calls."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sandbox.judge.alarms import ORACLE_FROM_CANDIDATE, operator_alarms
from sandbox.judge.classify import classify, exhausted
from sandbox.judge.judged import Judged
from sandbox.judge.lifting import NotLiftable, free_names
from sandbox.judge.session import LONGER_MS, Session, StagedCheck
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

# And its report needs room, however little the candidate is given.
_REPORT_BYTES = 1 << 20
_REPORT = {"held": list, "failed": list, "first": str, "raised": bool, "ended": str}
_REPORT |= {"operator": bool, "overrides": bool}
_DETAIL = 1000


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
        found, over = classify(ended, self.limits), exhausted(tested, self.tester.limits, "test code")
        if over is not None:
            stage, detail = found or over
            return Judged(stage, 0.0, self.total, 0, detail, self.alarms, ended)
        report = self._report(tested)
        done = report["ended"] == "done"
        # In a test that ran to its end, an assert that was not reached had nothing to object to.
        passed = sum(
            (held > 0 or done) and not failed for held, failed in zip(report["held"], report["failed"], strict=True)
        )
        alarms = (*self.alarms, *operator_alarms(report["operator"], report["overrides"]))
        if found is None and done and passed == self.total:
            return Judged(Stage.ACCEPTED, 1.0, self.total, passed, alarms=alarms, ended=ended)
        stage, detail = found or _first_failure(report)
        share = passed / self.total if self.per_assert else 0.0
        return Judged(stage, min(share, 1 - 1 / (2 * self.total)), self.total, passed, detail, alarms, ended)

    def _report(self, tested: Ended) -> dict[str, Any]:
        found = classify(tested, self.tester.limits)
        if found is not None:
            raise JudgeFault(f"the test code did not end well: {found[1]}")
        try:
            report: dict[str, Any] = json.loads(tested.extra)
        except (ValueError, RecursionError) as error:
            raise JudgeFault("the test code left no report") from error
        if not _is_report(report):
            raise JudgeFault("the test code left what is no report")
        if len(report["held"]) != self.total:
            raise JudgeFault(f"the test code has {len(report['held'])} asserts, {self.total} were counted")
        return report


def _is_report(report: object) -> bool:
    """Whether every field is there and of its kind: the test's side listens to the candidate, and may be taken over."""
    if type(report) is not dict or not all(type(report.get(name)) is kind for name, kind in _REPORT.items()):
        return False
    counts = report["held"], report["failed"]
    return len(counts[0]) == len(counts[1]) and all(
        type(count) is int and count >= 0 for count in (*counts[0], *counts[1])
    )


def _first_failure(report: dict[str, Any]) -> tuple[Stage, str]:
    """What went wrong first: an assert, or what ended the test."""
    if report["first"]:
        return Stage.RUNTIME_ERROR if report["raised"] else Stage.WRONG_ANSWER, report["first"][:_DETAIL]
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
        wall_time_ms=limits.wall_time_ms + LONGER_MS,
        # Its output is a file, too: what the candidate gives it to print may reach the limit of output, and no other.
        file_bytes=max(limits.file_bytes, limits.output_bytes, _REPORT_BYTES),
        disk_bytes=max(limits.disk_bytes, _REPORT_BYTES),
    )
    return SplitCheck(
        plan=TestPlan("serve", limits, extra=b'{"modules":[]}', seed=seed),
        tester=TestPlan("split", longer, extra=json.dumps(job).encode(), claims=True, seed=seed),
        limits=limits,
        checks=found.total,
        per_assert=spec.per_assert,
        alarms=(ORACLE_FROM_CANDIDATE,) if names else (),
    )


@lru_cache(maxsize=512)
def _oracles(code: str, setup: str, entry_point: str) -> frozenset[str]:
    """Names that the test takes from the candidate's module beside the function under test."""
    return free_names(code, setup, entry_point)
