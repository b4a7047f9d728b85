"""TRL's rollout hook: a part of the batch is graded while the next is generated; with more turns, it is repaired.

In a repair the model sees what `client.feedback` shows: its build, and its failing public tests. Who tries again is
decided by public tests alone, and the reward is that of the last try, hidden tests included.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.train.config import RolloutTable
from sandbox.train.reward import Grader, Try
from sandbox.v1 import job_pb2, verdict_pb2

# Stands for an answer where a template is rendered around one.
_MARK = "\u241e"


class Prompts:
    """Prompts and feedback as tokens, by the tokenizer's chat template where it has one."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self.chat = tokenizer, bool(tokenizer.chat_template)

    def encode(self, prompt: Any) -> list[int]:
        """A prompt's tokens."""
        if isinstance(prompt, str):
            return list(self._tokenizer(prompt)["input_ids"])
        return self._text(self._rendered(prompt))

    def feedback(self, prompt: Any, completion: str, text: str, asked: str, ended: str) -> tuple[Any, list[int]]:
        """The prompt of the next try, and the tokens between a completion and where the model speaks again.

        `asked`: what a model without a chat template is asked once more. `ended`: the token that ended the completion,
        as text; empty where it was cut off.
        """
        if isinstance(prompt, str):
            comment = "\n# " + text.replace("\n", "\n# ") + "\n" + asked
            return prompt + completion + comment, self._text(comment)
        told, mark = {"role": "user", "content": text}, _MARK
        while mark in json.dumps([*prompt, told], ensure_ascii=False):
            mark += _MARK
        # What the template puts after an answer, without what the model wrote of it itself: the end of its turn.
        shown = self._rendered([*prompt, {"role": "assistant", "content": mark}, told])
        after = shown.partition(mark)[2].removeprefix(ended)
        return [*prompt, {"role": "assistant", "content": completion}, told], self._text(after)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of a completion."""
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))

    def end(self, ids: Sequence[int]) -> str:
        """The special token that ends a completion; empty where none does."""
        ended = ids[-1:] if ids and ids[-1] in self._tokenizer.all_special_ids else []
        return str(self._tokenizer.decode(ended)) if ended else ""

    def _rendered(self, messages: Any) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _text(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


class Rollouts:
    """A `rollout_func`. Whole groups make a chunk."""

    def __init__(
        self, grader: Grader, prompts: Prompts, table: RolloutTable, spent: Callable[[str, float], None]
    ) -> None:
        self._grader, self._prompts, self._table, self._spent = grader, prompts, table, spent

    def __call__(self, prompts: list[Any], trainer: Any) -> dict[str, Any]:
        """Completions with their answers under way, as the extra field `graded`."""
        each = trainer.num_generations if trainer.model.training else trainer.num_generations_eval
        size = -(-len(prompts) // (each * self._table.chunks)) * each
        samples = [_Sample(prompt, self._prompts.encode(prompt), self._grader.task(prompt)) for prompt in prompts]
        for start in range(0, len(samples), size):
            self._try(samples[start : start + size], trainer, each)
        for _ in range(1, self._table.turns):
            began = time.monotonic()
            failing = [sample for sample in samples if sample.wants_repair()]
            self._spent("time/reward_wait", time.monotonic() - began)
            for sample in failing:
                last = sample.tries[-1]
                text = self._grader.feedback(last.answer.result(), sample.task)
                asked = sample.task.prompt
                sample.prompt, told = self._prompts.feedback(
                    sample.prompt, last.completion, text, asked, self._prompts.end(sample.ids)
                )
                sample.add(told, None, 0)
            if failing:
                self._try(failing, trainer, 1)
        found: dict[str, Any] = {
            "prompt_ids": [sample.prompt_ids for sample in samples],
            "completion_ids": [sample.ids for sample in samples],
            "logprobs": [sample.logprobs for sample in samples] if samples[0].logprobs is not None else None,
            "graded": [sample.tries for sample in samples],
        }
        return found if self._table.turns == 1 else {**found, "env_mask": [sample.mask for sample in samples]}

    def _try(self, samples: list[_Sample], trainer: Any, each: int) -> None:
        """One generation for each sample, and the start of its grading."""
        began = time.monotonic()
        # TRL's own generation, whichever engine it is set to: vLLM, continuous batching, transformers.
        made, logprobs = trainer._generate_single_turn([s.prompt_ids + s.ids for s in samples], None, {}, each)
        for number, (sample, ids) in enumerate(zip(samples, made, strict=True)):
            text = self._prompts.decode(ids)
            sample.add(list(ids), logprobs[number] if logprobs is not None else None, 1)
            sample.tries.append(Try(sample.prompt, text, len(ids), self._grader.submit(sample.task, text)))
        self._spent("time/generate", time.monotonic() - began)


class _Sample:
    """One sample on its way: `ids` is all that follows the first prompt, `mask` 1 where the model wrote it."""

    def __init__(self, prompt: Any, prompt_ids: list[int], task: Any) -> None:
        self.prompt, self.prompt_ids, self.task = prompt, prompt_ids, task
        self.ids: list[int] = []
        self.mask: list[int] = []
        self.logprobs: list[float] | None = None
        self.tries: list[Try] = []

    def add(self, ids: list[int], logprobs: list[float] | None, mask: int) -> None:
        """Goes on by some tokens, the model's own (1) or told to it (0)."""
        self.ids += ids
        self.mask += [mask] * len(ids)
        if logprobs is not None or self.logprobs is not None:
            self.logprobs = (self.logprobs or []) + (logprobs if logprobs is not None else [0.0] * len(ids))

    def wants_repair(self) -> bool:
        """Whether a public test failed: never anything that hidden tests say."""
        answer = self.tries[-1].answer.result()
        public = [test for test in answer.verdict.tests if test.visibility == job_pb2.PUBLIC]
        return any(test.status != verdict_pb2.ACCEPTED for test in public)
