"""SkyRL-gym: an environment of one turn or of several.

    from skyrl_gym.envs import register
    register(id="sandbox-code", entry_point="sandbox.integrations.skyrl:CodeEnv")

The tests are `reward_spec.ground_truth` of a row. SkyRL steps environments in threads; they share one client. A fault
raises Unscored, for SkyRL has no value for it.
"""

from __future__ import annotations

from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput, ConversationType

from sandbox.integrations.core import Scorer, default


class CodeEnv(BaseTextEnv):  # type: ignore[misc]
    """A program that fails may be tried again for `max_turns` of the environment's config or of the row."""

    def __init__(self, env_config: Any = None, extras: dict[str, Any] | None = None) -> None:
        super().__init__()
        extras = extras or {}
        config = env_config or {}
        self._task = extras["reward_spec"]["ground_truth"]
        self._scorer: Scorer = extras.get("scorer") or default()
        self.max_turns = int(extras.get("max_turns") or config.get("max_turns") or 1)
        self._passed = 0.0

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """Grades a program."""
        self.turns += 1
        score = self._scorer.score_now(action, self._task)
        done = score.passed or self.turns >= self.max_turns
        self._passed = float(score.passed)
        observations: ConversationType = [] if done else [{"role": "user", "content": score.feedback}]
        return BaseTextEnvStepOutput(
            observations=observations,
            reward=score.reward,
            done=done,
            metadata={**score.numbers(), "status": score.status},
            postprocessed_action=None,
        )

    def get_metrics(self) -> dict[str, Any]:
        """Numbers of the episode."""
        return {"passed": self._passed, "turns": self.turns}
