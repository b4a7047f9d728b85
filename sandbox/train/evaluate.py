"""Held-out pass@k, with intervals; the temperature is part of the number, and faults stand beside it, not in it.

The estimator is that of "Evaluating Large Language Models Trained on Code" (Chen et al., 2021); the interval is a
bootstrap over the tasks, since tasks differ more than samples of one task do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sandbox.client.outcome import reward_of
from sandbox.rollouts.estimators import bootstrap, pass_at_k
from sandbox.train.config import EvalTable
from sandbox.train.reward import Grader, TooManyFaults
from sandbox.train.rollout import Prompts
from sandbox.train.tasks import Task

_BATCH = 256


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How to evaluate: as the table says, with completions of at most so many tokens.

    More than `max_fault_share` of the samples without a verdict leave no number that would mean anything.
    """

    tasks: Sequence[Task]
    table: EvalTable
    max_fault_share: float
    tokens: int
    seed: int

    def run(self, model: Any, grader: Grader, prompts: Prompts, wrap: Any) -> dict[str, float]:
        """The numbers, and how they were made. Training's random numbers are left as they were.

        `wrap` makes a prompt of a task's text. A task whose samples met faults counts with those that were judged.
        `tasks@k` says of how many tasks pass@k is: those with k samples that were judged. Raises TooManyFaults.
        """
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            texts = self._generate(model, prompts, [wrap(task.prompt) for task in self.tasks])
        asked = [[grader.submit(t, text) for text in many] for t, many in zip(self.tasks, texts, strict=True)]
        judged = [[f.result() for f in many] for many in asked]
        faults = sum(reward_of(answer) is None for many in judged for answer in many)
        if faults > self.max_fault_share * len(self.tasks) * self.table.samples:
            why = next(answer.fault.message for many in judged for answer in many if reward_of(answer) is None)
            raise TooManyFaults(
                f"{faults} of {len(self.tasks) * self.table.samples} held-out samples have no verdict",
                why=why,
                fix="mend the server, then try again",
            )
        counts = [_passed(many) for many in judged]
        found: dict[str, float] = {
            "temperature": self.table.temperature,
            "samples": self.table.samples,
            "tasks": len(self.tasks),
            "faults": faults,
        }
        for k in sorted({1, *self.table.k}):
            values = [pass_at_k(n, c, k) for n, c in counts if n >= k]
            if not values:
                raise TooManyFaults(f"no task has {k} samples with a verdict", fix="mend the server, then try again")
            found[f"pass@{k}"], found[f"tasks@{k}"] = sum(values) / len(values), len(values)
            if k == 1:
                found["low"], found["high"] = bootstrap(values, seed=self.seed)
        return found

    def _generate(self, model: Any, prompts: Prompts, asked: list[Any]) -> list[list[str]]:
        training, cache = model.training, getattr(model.config, "use_cache", True)
        model.eval()
        model.config.use_cache = True
        texts: list[str] = []
        ids = [encoded for prompt in asked for encoded in [prompts.encode(prompt)] * self.table.samples]
        try:
            for start in range(0, len(ids), _BATCH):
                texts += self._part(model, prompts, ids[start : start + _BATCH])
        finally:
            model.train(training)
            model.config.use_cache = cache
        return [texts[place : place + self.table.samples] for place in range(0, len(texts), self.table.samples)]

    def _part(self, model: Any, prompts: Prompts, ids: list[list[int]]) -> list[str]:
        width, pad = max(map(len, ids)), model.generation_config.pad_token_id or 0
        given = torch.tensor([[pad] * (width - len(each)) + each for each in ids], device=model.device)
        mask = torch.tensor([[0] * (width - len(each)) + [1] * len(each) for each in ids], device=model.device)
        with torch.no_grad():
            made = model.generate(
                input_ids=given,
                attention_mask=mask,
                do_sample=True,
                temperature=self.table.temperature,
                top_k=0,
                top_p=1.0,
                max_new_tokens=self.tokens,
                pad_token_id=pad,
            )
        return [prompts.decode(each) for each in made[:, width:].tolist()]


def _passed(answers: Sequence[Any]) -> tuple[int, int]:
    """Samples that were judged, and those of them that passed."""
    judged = [answer.verdict.passed for answer in answers if reward_of(answer) is not None]
    return len(judged), sum(judged)
