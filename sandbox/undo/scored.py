"""Programs that are scored in a branch of a workspace: each test is an action, judged by what it changed, then dropped."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from sandbox.check import Checked, Scheduled
from sandbox.decided import is_decided
from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.errors import JobError
from sandbox.journal.journal import Journal
from sandbox.judge.alarms import PROCESSES_LEFT
from sandbox.judge.effects import EffectsCheck
from sandbox.judge.judged import Judged, skipped
from sandbox.model.outcome import FaultError
from sandbox.model.status import Stage
from sandbox.planner import Planner
from sandbox.reward import Scored
from sandbox.reward.vector import Reward
from sandbox.run import RETRIES, RunState
from sandbox.undo.asked import Asked
from sandbox.undo.audit import verdict_body
from sandbox.undo.branches import BranchBook
from sandbox.undo.executor import Acted, Executor
from sandbox.undo.home import Home
from sandbox.undo.roots import Roots, Workspace
from sandbox.undo.transitions import new_id


class ScoredRunner:
    """Runs the tests of jobs that name a workspace."""

    def __init__(
        self, home: Home, journal: Journal, roots: Roots, branches: BranchBook, executor: Executor, planner: Planner
    ) -> None:
        self._home = home
        self._journal = journal
        self._roots = roots
        self._branches = branches
        self._executor = executor
        self._planner = planner

    async def run(self, job: Checked, program: bytes | None, state: RunState, actions: list[str]) -> list[Judged]:
        """Every scheduled test's result, in order; `actions` gets the action of each. Raises FaultError, JobError."""
        with self._roots.open(job.request.workspace) as workspace:
            for number, test in enumerate(job.tests):
                state.failed_at = test.id
                result = await self._test(job, test, program, workspace, state, actions)
                state.results[number] = result
                if result.stage is not Stage.ACCEPTED and is_decided(job, state.results):
                    break
        return [result or skipped(test.check.total) for result, test in zip(state.results, job.tests, strict=True)]

    def record(
        self, job: Checked, results: list[Judged], reward: Reward, receipt: Mapping[str, str], action: str, root: str
    ) -> None:
        """The verdict as a record of the journal, bound to the state that it was given for."""
        scored = [
            Scored(test.id, result.stage is Stage.ACCEPTED, result.score, test.weight, test.group, result.stage)
            for test, result in zip(job.tests, results, strict=True)
        ]
        name = job.request.reward.scheme or "pass_fail"
        body = verdict_body(job.request.id, name, {}, scored, reward, receipt, self._home.blobs)
        self._journal.append("reward", {**body, "post_root": root}, action=action, session=job.request.workspace)

    async def _test(
        self,
        job: Checked,
        test: Scheduled,
        program: bytes | None,
        workspace: Workspace,
        state: RunState,
        actions: list[str],
    ) -> Judged:
        for attempt in range(RETRIES + 1):
            try:
                acted = await self._act(job, test, program, workspace)
            except (UnsupportedError, QuotaError) as error:
                # What it made cannot be recorded, or is more than it may make: its own doing.
                return Judged(Stage.RUNTIME_ERROR, 0.0, test.check.total, 0, str(error))
            except FaultError:
                if attempt == RETRIES:
                    raise
                state.retries += 1
                continue
            actions.append(acted.action)
            try:
                return _judged(test, acted)
            finally:
                if acted.effects:
                    self._journal.append("discarded", {"by": "scored"}, action=acted.action, session=workspace.name)
        raise AssertionError("unreachable")

    async def _act(self, job: Checked, test: Scheduled, program: bytes | None, workspace: Workspace) -> Acted:
        rules = job.policy.table.actions
        plan = test.check.plan if program is None else replace(test.check.plan, extra=program)
        asked = Asked(
            plan=self._planner.action(job.runtime, job.policy),
            files=job.files if program is None else (),
            test=plan,
            policy=job.policy,
            argv=(job.runtime.name, job.main, *job.request.program.argv),
            mode="scored",
            request_digest="",
            branch=job.request.branch,
        )
        if job.request.branch:
            async with self._branches.state_of(workspace, job.request.branch) as branch:
                return await self._executor.act(new_id(), asked, workspace, branch)
        with self._branches.open(workspace, rules) as branch:
            return await self._executor.act(new_id(), asked, workspace, branch)


def _judged(test: Scheduled, acted: Acted) -> Judged:
    check = test.check
    if isinstance(check, EffectsCheck):
        result = check.judge_acted(acted.ended, acted.effects, acted.refused)
    else:
        result = check.judge(acted.ended)
    return result if acted.ended.alone else replace(result, alarms=(*result.alarms, PROCESSES_LEFT))


def workspace_refusal(request_workspace: str) -> JobError:
    """What a server without workspace roots says."""
    return JobError(
        "workspace",
        f"{os.path.basename(request_workspace)!r} is under no workspace root: this server has none",
        "sandbox serve --workspace-root DIR",
        reject="FAILED_PRECONDITION",
    )
