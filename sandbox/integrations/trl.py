"""TRL's GRPOTrainer (1.16 or newer): an asynchronous reward function.

    trainer = GRPOTrainer(model, reward_funcs=CodeReward(Scorer("127.0.0.1:50051"), columns="tests"), ...)

A fault is None: TRL leaves that sample out of its group's mean and gives it no advantage. TRL before 1.16 made it a
zero. The object pickles, for trainers that grade in a child process; `code_reward` is the same by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.integrations.core import Scorer, default

_Log = Callable[..., None]


class CodeReward:
    """Scores completions by one column of the data set, or by several that make up a task ("tests", "entry_point")."""

    def __init__(self, scorer: Scorer | None = None, columns: str | Sequence[str] = "tests") -> None:
        self._scorer, self._columns = scorer, columns
        # TRL names what it logs after this.
        self.__name__ = "code_reward"
        if mark := getattr(inspect, "markcoroutinefunction", None):  # Python 3.12
            mark(self)

    async def __call__(
        self,
        prompts: Sequence[object] = (),
        completions: Sequence[object] = (),
        log_metric: _Log | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """One reward for each completion, None for faults, whose share is logged as `sandbox/faults`."""
        tasks = columns[self._columns] if isinstance(self._columns, str) else _rows(columns, self._columns)
        rewards = await (self._scorer or default()).rewards(completions, tasks)
        if log_metric is not None and rewards:
            log_metric("sandbox/faults", sum(reward is None for reward in rewards) / len(rewards))
        return rewards

    def __reduce__(self) -> tuple[object, ...]:
        return CodeReward, (self._scorer, self._columns)


def _rows(columns: dict[str, Any], names: Sequence[str]) -> list[dict[str, object]]:
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)]


async def code_reward(prompts: Sequence[object], completions: Sequence[object], **columns: Any) -> list[float | None]:
    """The column is `tests`; the servers are those of SANDBOX_ADDRESS."""
    return await CodeReward()(prompts, completions, **columns)
