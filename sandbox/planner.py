"""Makes each cell plan once, so that equal programs meet in the same cells."""

from __future__ import annotations

from collections import OrderedDict

from sandbox.action_plan import plan_action_cell
from sandbox.model.plan import CellPlan
from sandbox.plan import plan_build_cell, plan_cell, plan_in_process_cell, plan_judge_cell, plan_tester_cell
from sandbox.policies import Policy
from sandbox.runtimes import Runtime

_KEPT = 256


class Planner:
    """Plans by what they were made of. Main files have endless names, so the oldest plans are forgotten."""

    def __init__(self) -> None:
        self._plans: OrderedDict[tuple[str, str, str], CellPlan] = OrderedDict()

    def run(self, runtime: Runtime, policy: Policy, main: str) -> CellPlan:
        """The plan of the cells in which programs run."""
        # A built program is executed by its descriptor; only an interpreter cares about the name of the file.
        main = main if runtime.table.interpreter else ""
        key = ("" if runtime.table.plain else runtime.name, policy.name, main)
        return self._get(key) or self._put(key, plan_cell(runtime, policy, main))

    def build(self, runtime: Runtime, policy: Policy, headers: str) -> CellPlan:
        """The plan of the cells in which programs are compiled."""
        key = (runtime.name, policy.name, f"build:{headers}")
        return self._get(key) or self._put(key, plan_build_cell(runtime, policy, headers))

    def judge(self, runtime: Runtime, policy: Policy, main: str) -> CellPlan:
        """The plan of the cells in which checkers and interactors run."""
        main = main if runtime.table.interpreter else ""
        key = ("" if runtime.table.plain else runtime.name, policy.name, f"judge:{main}")
        return self._get(key) or self._put(key, plan_judge_cell(runtime, policy, main))

    def tester(self, runtime: Runtime, policy: Policy, frameworks: bool) -> CellPlan:
        """The plan of the cells in which test code runs."""
        key = (runtime.name, policy.name, f"tester:{frameworks}")
        return self._get(key) or self._put(key, plan_tester_cell(runtime, policy, frameworks))

    def in_process(self, runtime: Runtime, policy: Policy) -> CellPlan:
        """The plan of the cells in which programs share their process with tests."""
        key = (runtime.name, policy.name, "in_process:")
        return self._get(key) or self._put(key, plan_in_process_cell(runtime, policy))

    def action(self, runtime: Runtime, policy: Policy) -> CellPlan:
        """The plan of the cells in which commands and programs act on workspaces."""
        key = (runtime.name, policy.name, "action:")
        return self._get(key) or self._put(key, plan_action_cell(runtime, policy))

    def _get(self, key: tuple[str, str, str]) -> CellPlan | None:
        found = self._plans.get(key)
        if found is not None:
            self._plans.move_to_end(key)
        return found

    def _put(self, key: tuple[str, str, str], plan: CellPlan) -> CellPlan:
        self._plans[key] = plan
        if len(self._plans) > _KEPT:
            self._plans.popitem(last=False)
        return plan
