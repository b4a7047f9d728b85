"""Which tasks a batch is drawn from: those without signal, where all samples passed or none, come up less often.

What is drawn depends on the seed and on batches that were over when TRL asked: it reads one batch ahead. So a run that
goes on from a checkpoint draws what it would have drawn.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sandbox.rollouts.groups import statistics
from sandbox.rollouts.record import Rollout
from sandbox.train.tasks import Task

_FILE = "curriculum.json"
# Batches that may be under way while the next is drawn.
_AHEAD = 2


class Curriculum:
    """Draws tasks, `size` for a batch, without one twice."""

    def __init__(self, tasks: Sequence[Task], size: int, muted: float, seed: int, wrap: Callable[[str], Any]) -> None:
        self._tasks, self._size, self._muted, self._seed, self._wrap = tasks, size, muted, seed, wrap
        self._history: list[dict[str, bool]] = []

    def batch_ended(self, final: Sequence[Rollout]) -> None:
        """Remembers which of a batch's tasks had a signal."""
        groups: dict[str, list[float | None]] = {}
        for each in final:
            groups.setdefault(each.task, []).append(each.reward)
        self._history.append({task: not statistics(rewards).zero_variance for task, rewards in groups.items()})

    def draw(self, batch: int) -> list[Task]:
        """The tasks of one batch (Efraimidis and Spirakis, 2006: weighted, without replacement)."""
        signal: dict[str, bool] = {}
        for seen in self._history[: max(0, batch - _AHEAD)]:
            signal.update(seen)
        rng = random.Random(f"{self._seed}/{batch}")
        weights = [1.0 if signal.get(task.id, True) else self._muted for task in self._tasks]
        keys = [rng.random() ** (1 / weight) for weight in weights]
        best = sorted(range(len(keys)), key=keys.__getitem__, reverse=True)[: self._size]
        return [self._tasks[place] for place in best]

    def dataset(self) -> Any:
        """As TRL reads it: an IterableDataset without end, since `max_steps` says when training ends."""
        from datasets import IterableDataset

        return IterableDataset.from_generator(self._rows)

    def _rows(self) -> Iterator[dict[str, Any]]:
        batch = 0
        while True:
            for task in self.draw(batch):
                yield {"prompt": self._wrap(task.prompt)}
            batch += 1

    def save(self, folder: Path) -> None:
        """Keeps with a checkpoint what was seen up to it."""
        (folder / _FILE).write_text(json.dumps(self._history), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """Takes up what a checkpoint kept."""
        self._history = json.loads((folder / _FILE).read_text(encoding="utf-8"))
