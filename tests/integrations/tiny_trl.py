"""One step of TRL's own trainer over a model of a few thousand numbers, whose completions a test writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """What the trainer was given, and what it made of it."""

    rewards: list[float | None] = field(default_factory=list)
    advantages: list[float] = field(default_factory=list)


def one_step(folder: str, tests: Any, completions: list[str]) -> Seen:
    """The rewards and the advantages of one group."""
    from datasets import Dataset
    from transformers import Qwen2ForCausalLM
    from trl import GRPOConfig, GRPOTrainer

    from sandbox.integrations.trl import CodeReward
    from tests.training.letters import model_config, tokenizer

    seen = Seen()
    written = completions

    class Reward(CodeReward):
        async def __call__(self, prompts: Any = (), completions: Any = (), **columns: Any) -> list[float | None]:
            seen.rewards = await super().__call__(prompts, written, **columns)
            return seen.rewards

    class Trainer(GRPOTrainer):  # type: ignore[misc]
        def _generate_and_score_completions(self, inputs: Any) -> Any:
            found = super()._generate_and_score_completions(inputs)
            seen.advantages = [float(value) for value in found["advantages"].reshape(len(written), -1)[:, 0]]
            return found

    count = len(completions)
    settings = GRPOConfig(
        output_dir=folder,
        max_steps=1,
        per_device_train_batch_size=count,
        num_generations=count,
        max_completion_length=4,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    rows = Dataset.from_list([{"prompt": "Double it.", "tests": tests}] * count)
    Trainer(Qwen2ForCausalLM(model_config()), Reward(), settings, rows, processing_class=tokenizer()).train()
    return seen
