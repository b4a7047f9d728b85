"""AReaL: a reward function of its workflows; they run it in a process pool, so it is found by its name.

    RLVRWorkflow(reward_fn=sandbox.integrations.areal.reward_fn, ...)

The tests are the row's `tests`, else its `answer`. A fault raises Unscored; AReaL has no value for it.
"""

from __future__ import annotations

from typing import Any

from sandbox.integrations.core import default


def reward_fn(
    prompt: Any,
    completions: Any,
    prompt_ids: Any = None,
    completion_ids: Any = None,
    answer: object = None,
    tests: object = None,
    **columns: Any,
) -> float:
    """The reward of one completion."""
    return default().score_now(completions, answer if tests is None else tests).reward
