"""verl's reward loop: a manager that leaves faults out of the loss, or puts the score where the program ends.

    reward.reward_manager.source=importlib
    reward.reward_manager.module.path=.../sandbox/integrations/verl_manager.py
    reward.reward_manager.name=CodeRewardManager      # or TokenRewardManager

`TokenRewardManager` puts a score on the last token of the program, not on that of the whole answer: prose after it
earns nothing. Both raise Unscored for a fault.
"""

from __future__ import annotations

from typing import Any

import torch
from verl.experimental.reward_loop.reward_manager.base import RewardManagerBase

from sandbox.integrations.verl import compute_score
from sandbox.tasks import program_place


class CodeRewardManager(RewardManagerBase):  # type: ignore[misc]
    """One sample at a time, while others are still being generated."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any = None, **kwargs: Any) -> None:
        super().__init__(config, tokenizer, compute_score)

    async def run_single(self, data: Any) -> dict[str, Any]:
        """The score of one sample, and what is logged of it."""
        item = data[0]
        tokens = item.batch["responses"][: _length(item.batch)]
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        row = item.non_tensor_batch
        numbers = await compute_score(row["data_source"], text, row["reward_model"]["ground_truth"])
        numbers["program_end"] = float(self._end(text, len(tokens)))
        return {"reward_score": numbers["score"], "reward_extra_info": numbers}

    def _end(self, text: str, length: int) -> int:
        """The number of the token that ends the program."""
        start, end = program_place(text)
        before = text[:end].rstrip() if text[start:end].strip() else text
        return max(0, min(length, len(self.tokenizer.encode(before, add_special_tokens=False))) - 1)


class TokenRewardManager(CodeRewardManager):
    """Scores by token: all of it on the last token of the program."""

    async def run_single(self, data: Any) -> dict[str, Any]:
        """As above; the score is a vector over the response."""
        found = await super().run_single(data)
        scores = torch.zeros(data[0].batch["responses"].shape[-1], dtype=torch.float32)
        scores[int(found["reward_extra_info"]["program_end"])] = found["reward_score"]
        return {**found, "reward_score": scores}

    @classmethod
    def assemble_rm_scores(cls, data: Any, scores: list[Any]) -> Any:
        """The vectors as one tensor of the responses' shape."""
        return torch.stack([torch.as_tensor(score, dtype=torch.float32) for score in scores])


def _length(batch: Any) -> int:
    """How many tokens of the response are no padding."""
    return int(batch["attention_mask"][batch["prompts"].shape[-1] :].sum())
