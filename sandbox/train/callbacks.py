"""Beside TRL's steps: metrics are written down and shown, held-out tasks are tried, checkpoints are completed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from sandbox.rollouts import RunFolder
from sandbox.train.curriculum import Curriculum

Tell = Callable[[str, dict[str, Any]], None]
Evaluate = Callable[[str, int], object]


class Record(TrainerCallback):  # type: ignore[misc]
    """Metrics to metrics.jsonl and to whoever watches; evaluations on their steps; the curriculum into checkpoints."""

    def __init__(self, folder: RunFolder, curriculum: Curriculum, every: int, evaluate: Evaluate, tell: Tell) -> None:
        self._folder, self._curriculum, self._tell = folder, curriculum, tell
        self._every, self._evaluate = every, evaluate

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """One line; what a step spent besides generating and waiting is training."""
        found = {name: value for name, value in (logs or {}).items() if _is_number(value)}
        if "step_time" in found:
            spent = found.get("time/generate", 0.0) + found.get("time/reward_wait", 0.0)
            found["time/train"] = max(0.0, found["step_time"] - spent)
        row = {"step": state.global_step, **found}
        self._folder.append("metrics.jsonl", row)
        self._tell("step", row)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Tries the held-out tasks where it is time to; after the last step that is done anyway."""
        if self._every and state.global_step % self._every == 0 and state.global_step < state.max_steps:
            self._evaluate("during", state.global_step)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Completes a checkpoint."""
        self._curriculum.save(Path(args.output_dir) / f"checkpoint-{state.global_step}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
