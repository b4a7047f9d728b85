"""verifiers, version 1: a task whose reward is a verdict. prime-rl runs it, too.

    class MyTaskset(vf.Taskset[CodeTask, ...]):
        def load(self): return [CodeTask(CodeData(prompt=..., tests=...)) for ... in ...]

A fault raises Unscored; verifiers records it as an error of the task, and the reward stays None.
"""

from __future__ import annotations

from typing import Any

import verifiers.v1 as vf

from sandbox.integrations.core import default


class CodeData(vf.TaskData):  # type: ignore[misc]
    """A row: what the model is asked, and its tests in any shape of `sandbox.tasks`."""

    tests: Any


class CodeTask(vf.Task[CodeData]):  # type: ignore[misc]
    """The last reply is graded, once."""

    @vf.reward(weight=1.0)  # type: ignore[untyped-decorator]
    async def code(self, trace: Any) -> float:
        """The verdict's reward."""
        return (await default().score(trace.last_reply or "", self.data.tests)).reward
