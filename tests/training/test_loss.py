"""What TRL makes of a recorded batch, computed a second time: advantages in plain Python, losses from logits.

GRPO's advantage is (r - mean) / (std + 1e-4) within a group, with the std of a sample; Dr. GRPO's is r - mean. With
ratios rho = pi / pi_old, both losses sum min(rho A, clip(rho, 1 - eps, 1 + eps_high) A) over the tokens of all
completions: DAPO divides by the tokens of the batch (arXiv 2503.14476), Dr. GRPO by samples x longest completion (arXiv
2503.20783).
"""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from datasets import Dataset
from transformers import Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from tests.training.letters import model_config, tokenizer

REWARDS = [1.0, 0.0, 0.5, None, 1.0, 1.0, 0.0, 0.25]
GROUP, LONGEST, LOW, HIGH = 4, 12, 0.2, 0.28


class Recorder(GRPOTrainer):
    """Keeps what each loss was computed from, and what it came to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: list[tuple[dict[str, Any], torch.Tensor, torch.Tensor]] = []
        self.asked: list[tuple[int, ...]] = []

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, ids: Any) -> Any:
        self.asked = [*map(tuple, ids)]
        return super()._calculate_rewards(inputs, prompts, completions, ids)

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        loss = super()._compute_loss(model, inputs)
        with torch.no_grad():
            ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
            mask = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
            logits = model(input_ids=ids, attention_mask=mask).logits
        self.seen.append((inputs, logits, loss.detach().clone()))
        return loss


def recorded(folder: str, loss_type: str, scale: str) -> Recorder:
    """Two passes over one batch, so that in the second one the ratios are not 1 and some are clipped."""
    torch.manual_seed(0)
    args = GRPOConfig(
        output_dir=folder,
        max_steps=2,
        num_iterations=2,
        per_device_train_batch_size=len(REWARDS),
        num_generations=GROUP,
        max_completion_length=LONGEST,
        learning_rate=0.2,
        lr_scheduler_type="constant",
        loss_type=loss_type,
        scale_rewards=scale,
        epsilon=LOW,
        epsilon_high=HIGH,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    rows = Dataset.from_list([{"prompt": f"Question {number}"} for number in range(2)])
    trainer = Recorder(
        Qwen2ForCausalLM(model_config()),
        lambda completions, **_: REWARDS,
        args,
        rows,
        processing_class=tokenizer(),
    )
    trainer.train()
    return trainer


def advantages(scale: str) -> list[float]:
    found = []
    for start in range(0, len(REWARDS), GROUP):
        group = REWARDS[start : start + GROUP]
        valid = [reward for reward in group if reward is not None]
        mean, std = statistics.fmean(valid), statistics.stdev(valid)
        by = std + 1e-4 if scale == "group" else 1.0
        found += [0.0 if reward is None else (reward - mean) / by for reward in group]
    return found


def log_probabilities(inputs: dict[str, Any], logits: torch.Tensor) -> list[list[float]]:
    """Of each completion's tokens; token t is predicted at place t - 1."""
    start, found = inputs["prompt_ids"].shape[1], []
    for row, ids in enumerate(inputs["completion_ids"].tolist()):
        scores = torch.log_softmax(logits[row].double(), -1)
        found.append([scores[start + place - 1, token].item() for place, token in enumerate(ids)])
    return found


@pytest.mark.parametrize(("loss_type", "scale"), [("dapo", "group"), ("dr_grpo", "none")])
def test_the_loss_of_a_recorded_batch_is_what_the_papers_say(tmp_path, loss_type, scale):
    trainer = recorded(str(tmp_path), loss_type, scale)
    (first, old_logits, _), (second, _, _) = trainer.seen
    old = log_probabilities(first, old_logits)
    # The trainer deals a batch out in an order of its own: a row's tokens say which reward was its own.
    masks, rows = first["completion_mask"].tolist(), first["completion_ids"].tolist()
    written = [tuple(t for t, own in zip(row, mask, strict=True) if own) for row, mask in zip(rows, masks, strict=True)]
    assert len({*written}) == len(REWARDS)
    wanted = [advantages(scale)[trainer.asked.index(each)] for each in written]
    assert first["advantages"].tolist() == pytest.approx(wanted, abs=1e-5)
    clipped = 0
    for inputs, logits, loss in trainer.seen:
        new, total, tokens = log_probabilities(inputs, logits), 0.0, 0
        for row, mask in enumerate(inputs["completion_mask"].tolist()):
            advantage = wanted[row]
            for place, counts in enumerate(mask):
                if counts:
                    ratio = math.exp(new[row][place] - old[row][place])
                    bounded = min(max(ratio, 1 - LOW), 1 + HIGH)
                    clipped += bounded * advantage < ratio * advantage
                    total += min(ratio * advantage, bounded * advantage)
                    tokens += 1
        by = tokens if loss_type == "dapo" else len(REWARDS) * LONGEST
        assert loss.item() == pytest.approx(-total / by, abs=2e-5)
    assert clipped
    assert torch.equal(first["completion_ids"], second["completion_ids"])
