"""tinker-cookbook: an environment of one prompt, of one turn or of several.

    env = CodeEnv(renderer, prompt, tests)

An `EnvGroupBuilder` makes one for each rollout. A fault raises Unscored: the cookbook's rollout strategies retry or
leave out a trajectory that raises, and score none.
"""

from __future__ import annotations

from typing import Any

from tinker_cookbook.rl.types import Env, StepResult

from sandbox.integrations.core import Scorer, default


class CodeEnv(Env):  # type: ignore[misc]
    """The model sees what it may of its failures, and tries again, for up to `turns` turns."""

    def __init__(self, renderer: Any, prompt: str, tests: object, turns: int = 1, scorer: Scorer | None = None) -> None:
        self._renderer, self._tests, self._left = renderer, tests, turns
        self._messages: list[Any] = [{"role": "user", "content": prompt}]
        self._scorer = scorer or default()

    async def initial_observation(self) -> tuple[Any, Any]:
        """The prompt, and where to stop."""
        return self._observation(), self._renderer.get_stop_sequences()

    async def step(self, action: Any, **kwargs: Any) -> StepResult:
        """Grades a program."""
        message, _ = self._renderer.parse_response(action)
        score = await self._scorer.score([message], self._tests)
        self._left -= 1
        self._messages += [message, {"role": "user", "content": score.feedback}]
        return StepResult(
            reward=score.reward,
            episode_done=score.passed or self._left <= 0,
            next_observation=self._observation(),
            next_stop_condition=self._renderer.get_stop_sequences(),
            metrics=score.numbers(),
        )

    def _observation(self) -> Any:
        return self._renderer.build_generation_prompt(self._messages)
