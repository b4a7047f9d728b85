"""Plain data sets: `rows.map(Graded(), batched=True)`, of Hugging Face's `datasets` or of anything alike.

A fault is None in the column of rewards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.integrations.core import Scorer, default


class Graded:
    """Adds a column of rewards to a batch; pickles, for `num_proc`."""

    def __init__(
        self,
        scorer: Scorer | None = None,
        *,
        completion: str = "completion",
        tests: str = "tests",
        reward: str = "reward",
    ) -> None:
        self._scorer = scorer
        self._completion, self._tests, self._reward = completion, tests, reward

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[float | None]]:
        """The new column."""
        scorer = self._scorer or default()
        return {self._reward: scorer.rewards_now(batch[self._completion], batch[self._tests])}
