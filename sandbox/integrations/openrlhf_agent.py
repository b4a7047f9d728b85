"""OpenRLHF's agents: `--train.agent_func_path .../sandbox/integrations/openrlhf_agent.py`.

An episode has up to TURNS turns (environment variable SANDBOX_TURNS): a program that fails its public tests comes back
with what may be seen of them, and nothing of hidden ones. A fault raises Unscored.
"""

from __future__ import annotations

import os
from typing import Any

import torch
from openrlhf.utils.agent import AgentInstanceBase, MultiTurnAgentExecutor

from sandbox.integrations.core import default

TURNS = int(os.environ.get("SANDBOX_TURNS", "1"))


class CodeAgent(AgentInstanceBase):  # type: ignore[misc]
    """One episode."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._turn = 0

    async def reset(self, states: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Begins with the prompt."""
        self._turn = 0
        return {"observation": states["observation"]}

    async def step(self, states: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Grades what the model wrote."""
        self._turn += 1
        score = await default().score(states["action_text"], states["label"])
        done = score.passed or self._turn >= TURNS
        return {
            "rewards": torch.tensor(score.reward),
            "scores": torch.tensor(score.fraction),
            "environment_feedback": "" if done else f"\n{score.feedback}\nWrite the whole program again.\n",
            "done": done,
            "sampling_params": states.get("sampling_params"),
            "extra_logs": {"passed": torch.tensor(float(score.passed)), "turns": torch.tensor(float(self._turn))},
        }


class AgentExecutor(MultiTurnAgentExecutor):  # type: ignore[misc]
    """What OpenRLHF looks for in this file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(CodeAgent, *args, **kwargs)
