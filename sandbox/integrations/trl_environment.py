"""TRL environments (`environment_factory`): the model runs programs, and hands one in, within an episode.

    trainer = GRPOTrainer(model, reward_funcs=environment_reward, environment_factory=CodeEnvironment, ...)

Each public method is a tool. `environment_reward` has None for an episode whose grading failed, and 0 only for one in
which nothing was handed in.
"""

from __future__ import annotations

from typing import Any

from sandbox.integrations.core import Scorer, Unscored, default


class CodeEnvironment:
    """One episode. Its task is the data set's column `tests`."""

    def __init__(self, scorer: Scorer | None = None) -> None:
        self._scorer = scorer or default()
        self._task: object = None
        self._reward: float | None = 0.0

    def reset(self, tests: object = None, **row: Any) -> str | None:
        """Begins an episode with a row of the data set."""
        self._task, self._reward = tests, 0.0
        return None

    def run(self, code: str, stdin: str = "") -> str:
        """Runs a Python program, and returns what it prints.

        Args:
            code: The program.
            stdin: What it can read from standard input.
        """
        return self._scorer.run_now(code, stdin)

    def submit(self, code: str) -> str:
        """Hands in the program that is graded. The last one counts.

        Args:
            code: The whole program.
        """
        self._reward = None
        try:
            score = self._scorer.score_now(code, self._task)
        except Unscored:
            return "The program could not be graded; hand it in again."
        self._reward = score.reward
        return score.feedback

    def get_reward(self) -> float:
        """The reward of what was handed in last. Raises Unscored for a fault."""
        if self._reward is None:
            raise Unscored("the last program that was handed in met a fault")
        return self._reward


async def environment_reward(environments: list[CodeEnvironment], **columns: Any) -> list[float | None]:
    """Each episode's reward; None for a fault."""
    return [environment._reward for environment in environments]
