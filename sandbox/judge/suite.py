"""`suite` tests: pytest or unittest over a tree of files, in a jail of their own beside the candidate's.

The judge fixes what counts before any candidate runs: the names that the job gives, or those that it finds by looking
through the tests' files alone. What is found is remembered by content, since rollouts of one prompt share their tests.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sandbox.judge.alarms import CANARY_PASSED, operator_alarms
from sandbox.judge.cases import Case, cases, read
from sandbox.judge.classify import classify, exhausted
from sandbox.judge.judged import Judged
from sandbox.judge.session import Session, StagedCheck
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault, with_signs
from sandbox.model.plan import File, TestPlan
from sandbox.model.status import CaseStatus, Stage
from sandbox.receipt import digest

# Results that are read for each scheduled test; what comes beyond is not looked at.
_LINES = 4


@dataclass(frozen=True)
class SuiteCheck(StagedCheck):
    """A suite beside its candidate. `names` is empty where they have to be found first."""

    plan: TestPlan
    limits: Limits
    files: tuple[File, ...]
    modules: tuple[str, ...]
    runner: str
    names: tuple[str, ...]
    per_case: bool
    fresh_process: bool
    judge_limits: Limits

    integrity = Integrity.SPLIT

    @property
    def total(self) -> int:
        """The scheduled tests, as far as they are known before the run."""
        return len(self.names)

    async def run(self, session: Session) -> Judged:
        """Runs the whole schedule. Raises FaultError."""
        names = await self._schedule(session)
        found: list[Case] = []
        over: tuple[Stage, str] | None = None
        runs: list[Ended] = []
        alarms: set[str] = set()
        words = ""
        for part in [[name] for name in names] if self.fresh_process else [names]:
            ended, tested = await self._pair(session, part)
            told = read(tested.extra, _LINES * len(part) + 16)
            found += cases(part, told)
            runs.append(ended)
            alarms.update(operator_alarms(told.operator, told.overrides))
            words = _words(tested)
            over = over or classify(ended, self.limits) or exhausted(tested, self.judge_limits, "test code")
            if over is None and not told.ended:
                raise JudgeFault(f"the tests did not come to their end: {_words(tested)}")
        return self._verdict(found, over, tuple(sorted(alarms)), with_signs(runs[-1], runs), words)

    async def _schedule(self, session: Session) -> Sequence[str]:
        return self.names or await session.once(("suite", self._content()), lambda: self._find(session))

    def _verdict(
        self,
        found: Sequence[Case],
        over: tuple[Stage, str] | None,
        alarms: tuple[str, ...],
        ended: Ended,
        words: str = "",
    ) -> Judged:
        total, passed = len(found), sum(case.status is CaseStatus.PASSED for case in found)
        if passed == total and over is None:
            return Judged(Stage.ACCEPTED, 1.0, total, passed, "", alarms, ended, tuple(found))
        first = next((case for case in found if case.status is not CaseStatus.PASSED), None)
        failure = f"{first.name}: {first.status.name}: {first.detail}" if first else ""
        if first is not None and first.status is CaseStatus.MISSING and words:
            failure += f"; the tests' own words: {words[-1000:]}"
        stage, detail = over or (Stage.WRONG_ANSWER, failure)
        share = min(passed / total, 1 - 1 / (2 * total)) if self.per_case else 0.0
        return Judged(stage, share, total, passed, detail, alarms, ended, tuple(found))

    async def _pair(self, session: Session, names: Sequence[str]) -> tuple[Ended, Ended]:
        async with session.cell(session.tester(frameworks=True)) as tester:
            ours, theirs = socket.socketpair()
            try:
                tester.open_program(self.files, self.judge_limits.disk_bytes)
                candidate = session.candidate.submit(self.plan, channel=ours.fileno())
                test = tester.submit(self._tester(names), channel=theirs.fileno())
            finally:
                ours.close()
                theirs.close()
            ended, tested = await asyncio.gather(candidate, test)
        return ended, tested

    async def _find(self, session: Session) -> tuple[str, ...]:
        async with session.cell(session.tester(frameworks=True)) as tester:
            tester.open_program(self.files, self.judge_limits.disk_bytes)
            tested = await tester.submit(self._tester((), find=True))
        told = read(tested.extra, 16)
        if not told.ended:
            raise JudgeFault(f"the suite's tests cannot be found without a program, so name them: {_words(tested)}")
        if not told.found:
            raise JudgeFault("the suite holds no tests")
        return told.found

    def _tester(self, names: Sequence[str], find: bool = False) -> TestPlan:
        extra = json.dumps(self._job(names, find)).encode()
        return TestPlan("suite", self.judge_limits, extra=extra, claims=True, seed=self.plan.seed)

    def _job(self, names: Sequence[str], find: bool = False) -> dict[str, Any]:
        """What `sandbox/jail/init/suite.py` is told."""
        return {
            "runner": self.runner,
            "names": list(names),
            "modules": list(self.modules),
            "find": find,
            "in_process": False,
            "end": "done",
        }

    def _content(self) -> str:
        modules = (name.encode() for name in self.modules)
        return digest(
            [self.runner.encode(), *modules, *(part for f in self.files for part in (f.path.encode(), f.data))]
        )


@dataclass(frozen=True)
class InProcessCheck(SuiteCheck):
    """A suite in the candidate's own process: what it says is a claim, and a program can forge it.

    `merged` holds the program's files and the tests'. Two tests of the judge's own run along, one that has to pass and
    one that has to fail. A program that makes every test pass, or ends before the last one, is caught by them; one that
    knows of them is not.
    """

    merged: tuple[File, ...]

    integrity = Integrity.IN_PROCESS

    @classmethod
    def of(cls, check: SuiteCheck, merged: tuple[File, ...]) -> InProcessCheck:
        """The same suite, in the candidate's process."""
        return cls(**{field.name: getattr(check, field.name) for field in fields(check)}, merged=merged)

    async def run(self, session: Session) -> Judged:
        """Runs the whole schedule in one process. Raises FaultError."""
        names = await self._schedule(session)
        word = secrets.token_hex(16)
        canary = File(f"test_{word}.py", _CANARY[self.runner].encode())
        up, down = (name.format(word=word) for name in _CANARY_NAMES[self.runner])
        job = {**self._job([*names, up, down]), "in_process": True, "end": word}
        plan = replace(self.plan, mode="suite", extra=json.dumps(job).encode(), claims=True)
        async with session.cell(session.in_process()) as cell:
            cell.open_program((*self.merged, canary), self.limits.disk_bytes)
            ended = await cell.submit(plan)
        told = read(ended.extra, _LINES * (len(names) + 2) + 16)
        found = cases(names, told)
        rose, fell = cases((up, down), told)
        if fell.status is CaseStatus.PASSED:
            failed = tuple(replace(case, status=CaseStatus.FAILED) for case in found)
            why = "a test that nobody can pass was passed"
            return Judged(Stage.SECURITY_VIOLATION, 0.0, len(names), 0, why, (CANARY_PASSED,), ended, failed)
        over = classify(ended, self.limits)
        if over is None and (told.ended != word or rose.status is not CaseStatus.PASSED):
            over = Stage.RUNTIME_ERROR, "the tests did not come to their end"
        if over is not None:
            found = tuple(replace(case, status=CaseStatus.MISSING) for case in found)
        return self._verdict(found, over, (), ended)


def _words(tested: Ended) -> str:
    return (tested.stdout[-1000:] + tested.stderr[-1000:]).decode(errors="replace")


_CANARY = {
    "pytest": "def test_up():\n    assert True\n\n\ndef test_down():\n    assert False\n",
    "unittest": "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_up(self):\n        pass\n\n"
    "    def test_down(self):\n        self.fail()\n",
}
_CANARY_NAMES = {
    "pytest": ("test_{word}.py::test_up", "test_{word}.py::test_down"),
    "unittest": ("test_{word}.T.test_up", "test_{word}.T.test_down"),
}
