"""rLLM: an evaluator for its agent flows.

    from rllm import evaluator
    AgentTrainer(..., evaluator=evaluator(evaluate))

The program is the episode's artifact `answer`, or the last thing that the model said; the tests are the row's
`tests` or `ground_truth`. A fault raises Unscored; rLLM has no value for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.integrations.core import Scorer, default


def evaluate(task: Any, episode: Any, scorer: Scorer | None = None) -> tuple[float, bool]:
    """The reward, and whether all tests passed."""
    row: Mapping[str, Any] = task if isinstance(task, Mapping) else task.metadata
    tests = row["tests"] if "tests" in row else row["ground_truth"]
    score = (scorer or default()).score_now(_answer(episode), tests)
    return score.reward, score.passed


def _answer(episode: Any) -> str:
    answer = (episode.artifacts or {}).get("answer")
    if answer:
        return str(answer)
    steps = episode.trajectories[-1].steps if episode.trajectories else ()
    return next((step.model_response for step in reversed(steps) if step.model_response), "")
