"""Programs that are scored in a branch of a workspace: each test is an action, judged by its effects, then dropped."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from google.protobuf.json_format import MessageToDict

from sandbox.check import Checked, Scheduled
from sandbox.commands import executed, opened
from sandbox.decided import is_decided
from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.errors import JobError
from sandbox.journal.journal import Journal
from sandbox.judge.alarms import PROCESSES_LEFT
from sandbox.judge.effects import EffectsCheck
from sandbox.judge.judged import Judged, skipped
from sandbox.model.effects import Json
from sandbox.model.outcome import FaultError
from sandbox.model.status import Stage
from sandbox.planner import Planner
from sandbox.reward import Scored
from sandbox.reward.scheme import DEFAULT
from sandbox.reward.vector import Reward
from sandbox.run import RETRIES, Judgement, RunState
from sandbox.undo.asked import Asked
from sandbox.undo.audit import verdict_body
from sandbox.undo.branches import BranchBook
from sandbox.undo.executor import Acted, Executor
from sandbox.undo.home import Home
from sandbox.undo.leaders import Leaders
from sandbox.undo.outcome import new_id
from sandbox.undo.roots import Roots, Workspace
from sandbox.undo.to_end import in_thread
from sandbox.v1 import verdict_pb2

_MOST_NAMED = 1_000


class ScoredRunner:
    """Runs the tests of jobs that name a workspace."""

    def __init__(
        self,
        home: Home,
        journal: Journal,
        roots: Roots,
        leaders: Leaders,
        branches: BranchBook,
        executor: Executor,
        planner: Planner,
    ) -> None:
        self._home = home
        self._journal = journal
        self._roots = roots
        self._leaders = leaders
        self._branches = branches
        self._executor = executor
        self._planner = planner

    async def run(self, job: Checked, program: bytes | None, state: RunState) -> list[Judged]:
        """Every scheduled test's result, in order; each is an action of its own. Raises FaultError, JobError."""
        with self._roots.open(job.request.workspace) as workspace:
            state.begun = time.monotonic()
            for number, test in enumerate(job.tests):
                state.failed_at = test.id
                result = await self._test(job, test, program, workspace, state)
                state.results[number] = result
                if result.stage is not Stage.ACCEPTED and is_decided(job, state.results):
                    break
        return [result or skipped(test.check.total) for result, test in zip(state.results, job.tests, strict=True)]

    async def record(
        self,
        job: Checked,
        results: Sequence[Judged],
        reward: Reward,
        actions: Sequence[Judgement],
        verdict: verdict_pb2.Verdict,
    ) -> None:
        """Keeps the verdict in the journal where it is about actions, or where the policy audits all.

        The receipt then names the action, the root of the state that was judged, and a signed checkpoint.
        """
        if not actions and job.policy.table.actions.audit != "all":
            return
        last = actions[-1] if actions else Judgement("", "", "", "")
        scored = [
            Scored(test.id, result.stage is Stage.ACCEPTED, result.score, test.weight, test.group, result.stage)
            for test, result in zip(job.tests, results, strict=True)
        ]
        receipt = verdict.receipt
        hashes = {name: getattr(receipt, name) for name in ("program", "tests", "policy", "results")}
        name, params = job.request.reward.scheme or DEFAULT, MessageToDict(job.request.reward.params)
        body = verdict_body(job.request.id, name, params, scored, reward, hashes, self._home.blobs)
        body |= {"post_root": last.post_root, "actions": [each.action for each in actions[:_MOST_NAMED]]}
        receipt.checkpoint = await in_thread(self._keep, body, last.action, job.request.workspace)
        receipt.action = last.action
        receipt.pre_root, receipt.post_root, receipt.final_root = last.pre_root, last.post_root, last.final_root

    def _keep(self, body: Mapping[str, Json], action: str, session: str) -> str:
        self._journal.append("reward", body, action=action, session=session)
        return self._journal.checkpoint() if action else ""

    async def _test(
        self, job: Checked, test: Scheduled, program: bytes | None, workspace: Workspace, state: RunState
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
            # Globs over all that a program chose to make: not on the event loop.
            result = await in_thread(_judged, test, acted)
            final = await in_thread(self._take_back, acted, workspace, job.policy.name)
            state.actions.append(Judgement(acted.action, acted.pre_root, acted.post_root, final))
            return result
        raise AssertionError("unreachable")

    def _take_back(self, acted: Acted, workspace: Workspace, policy: str) -> str:
        """The branch is gone; whether the workspace is as it was before is found by looking."""
        if not acted.effects:
            return acted.pre_root
        with self._leaders.open(workspace.name, policy, acted.effects) as leader:
            same = not leader.verify(acted.effects, "pre")
        final = acted.pre_root if same else ""
        if not acted.refused:
            body = {"by": "scored", "root": final}
            self._journal.append("discarded", body, action=acted.action, session=workspace.name)
        return final

    async def _act(self, job: Checked, test: Scheduled, program: bytes | None, workspace: Workspace) -> Acted:
        rules = job.policy.table.actions
        check = test.check
        plan = executed(job.runtime, check.plan, program)
        asked = Asked(
            plan=self._planner.action(job.runtime, job.policy),
            files=opened(job.runtime, job.files, program),
            test=plan,
            policy=job.policy,
            argv=(job.runtime.name, job.main, *job.request.program.argv),
            mode="scored",
            request_digest="",
            branch=job.request.branch,
            databases=check.databases if isinstance(check, EffectsCheck) and not job.request.branch else (),
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


def no_workspaces() -> JobError:
    """What a server without workspace roots says."""
    return JobError(
        "workspace",
        "this server has no workspace roots",
        "sandbox serve --workspace-root DIR",
        reject="FAILED_PRECONDITION",
    )
