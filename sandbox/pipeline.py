"""The road that every job takes: request → plan → build → jail → judge → reward → response. Open this file first.

    1. check     names resolved, numbers bounded            sandbox/check.py
    2. plan      the cell that it needs                     sandbox/planner.py, sandbox/plan.py
    3. build     compiled languages, once for each program  sandbox/build/builder.py
    4. run       each test in a process of its own          sandbox/run.py, sandbox/jail/
                 in a branch of the job's workspace         sandbox/undo/scored.py
    5. reward    verdict vector to number                   sandbox/reward/
    6. answer    the message that goes back                 sandbox/answer.py

A bad job raises JobError, and nothing was run. A failure of ours becomes a `Fault` here and nowhere else, and a fault
carries no number. Everything else is a verdict.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from random import SystemRandom

from sandbox.answer import fault_answer, internal_fault, verdict_answer
from sandbox.build.builder import Builder
from sandbox.build.cache import Built
from sandbox.canary import plant, take_out
from sandbox.catalog import Catalog
from sandbox.check import Checked, check_request
from sandbox.coalesce import Coalescer
from sandbox.errors import JobError
from sandbox.judge.judged import Judged
from sandbox.model.outcome import FaultError, JudgeFault
from sandbox.model.status import Stage
from sandbox.planner import Planner
from sandbox.reward import Outcome, RewardOutOfRange, Scored
from sandbox.reward.vector import Reward
from sandbox.run import Runner, RunState
from sandbox.suites import SuiteStore
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.undo.scored import no_workspaces
from sandbox.v1 import job_pb2, verdict_pb2

_log = logging.getLogger("sandbox")
_random = SystemRandom()


class Pipeline:
    """Judges jobs. Holds what they share: catalog, plans, builds, cells, suites."""

    def __init__(
        self,
        catalog: Catalog,
        planner: Planner,
        builder: Builder,
        runner: Runner,
        suites: SuiteStore,
        actions: ActionRuntime | None = None,
    ) -> None:
        self.catalog = catalog
        self.suites = suites
        # Where this server may act on workspaces.
        self.actions = actions
        self._planner = planner
        self._builder = builder
        self._runner = runner
        self._coalescer = Coalescer()

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The answer to one job: a verdict or a fault. Raises JobError for a bad one, CancelledError when cancelled."""
        try:
            return await self._score(request, time.monotonic())
        except (JobError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the boundary where a bug of ours becomes a fault, never a number
            _log.exception("job %s failed", request.id)
            return internal_fault(request, error)

    async def _score(self, request: job_pb2.ScoreRequest, arrived: float) -> verdict_pb2.ScoreResponse:
        with self.suites.tests(request) as tests:
            job = check_request(request, tests, self.catalog)
            if request.coalesce and request.group_id:
                return await self._coalescer.join(job, tests, lambda: self._judge(job, tests, arrived))
            return await self._judge(job, tests, arrived)

    async def _judge(self, job: Checked, tests: Sequence[job_pb2.Test], arrived: float) -> verdict_pb2.ScoreResponse:
        schedule = plant(job, tests, _random)
        state = RunState([None] * len(schedule.tests), arrived)
        if job.request.workspace and self.actions is None:
            raise no_workspaces()
        try:
            plan = self._planner.run(job.runtime, job.policy, job.main)
            built = await self._build(job)
            if built is not None and not built.ok:
                results = [_not_built(test.check.total, built) for test in schedule.tests]
            elif self.actions is not None and job.request.workspace:
                results = await self.actions.scored.run(schedule, built.program if built else None, state)
            else:
                results = await self._runner.run(schedule, plan, built.program if built else None, state)
            harvest = take_out(schedule, results)
            reward = _reward(job, harvest.results)
            answer = verdict_answer(job, tests, harvest, reward, built, state)
            if self.actions is not None:
                await self.actions.scored.record(job, harvest.results, reward, state.actions, answer.verdict)
            return answer
        except FaultError as fault:
            return fault_answer(schedule, fault.kind, str(fault), state)

    async def _build(self, job: Checked) -> Built | None:
        if job.runtime.table.build is None:
            return None
        return await self._builder.build(job.runtime, job.policy, job.files, job.main)


def _not_built(total: int, built: Built) -> Judged:
    return Judged(Stage.COMPILE_ERROR, 0.0, total, 0, built.messages)


def _reward(job: Checked, results: Sequence[Judged]) -> Reward:
    """The scheme's number. Raises JudgeFault when the scheme breaks its own promise."""
    scored = [
        Scored(test.id, result.stage is Stage.ACCEPTED, result.score, test.weight, test.group, result.stage)
        for test, result in zip(job.tests, results, strict=True)
    ]
    try:
        return job.scheme(Outcome.of(scored))
    except RewardOutOfRange as error:
        raise JudgeFault(str(error)) from error
