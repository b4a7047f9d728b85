"""`sandbox train CONFIG`: what can be set, as TOML. An unknown key is an error with its line and the nearest name.

[grpo] is TRL's own GRPOConfig, key by key (`loss_type`, `epsilon_high`, `importance_sampling_level`, `use_vllm`, ...),
and [lora] is PEFT's LoraConfig.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from sandbox.datafiles import Strict, check, read_toml
from sandbox.errors import ConfigError


class ModelTable(Strict):
    """`path`: "tiny", "smollm2", or a folder in Hugging Face's format."""

    path: str = "tiny"
    dtype: Literal["float32", "bfloat16"] = "float32"


class DataTable(Strict):
    """`path`: see `tasks.py`. `held_out`: the share kept apart. `train`, `test`: at most so many tasks; 0: all.

    `admit`: tasks that `sandbox admit` has reasons against are left out, and its reports are kept with the run.
    """

    path: str = "tiny"
    held_out: float = Field(default=0.2, gt=0, lt=1)
    train: int = Field(default=0, ge=0)
    test: int = Field(default=64, ge=0)
    admit: bool = True


class RewardTable(Strict):
    """`servers`: addresses; none: those of SANDBOX_ADDRESS. `patience_s`: how long a server may be away.

    `max_fault_share`: a batch in which more than this share of the samples met a fault of ours ends the run.
    `shuffled`: rewards of a batch are dealt out at random, for a control that must not learn.
    """

    servers: tuple[str, ...] = ()
    scheme: str = "pass_fail"
    params: dict[str, float | int | str | bool] = Field(default={})
    limits: dict[str, int] = Field(default={})
    patience_s: float = Field(default=600.0, gt=0)
    max_fault_share: float = Field(default=0.25, ge=0, le=1)
    shuffled: bool = False


class RolloutTable(Strict):
    """`chunks`: parts of a batch; one is graded while the next is generated. `turns`: tries in self-repair; 1: none.

    `muted`: how often a task without signal (all passed, or none) is drawn, beside one with signal.
    """

    chunks: int = Field(default=2, ge=1)
    turns: int = Field(default=1, ge=1, le=16)
    muted: float = Field(default=0.25, gt=0, le=1)


class EvalTable(Strict):
    """Held-out pass@k: `samples` completions of each task at `temperature`, before, after, and each `every` steps."""

    every: int = Field(default=0, ge=0)
    samples: int = Field(default=8, ge=1)
    temperature: float = Field(default=1.0, gt=0)
    k: tuple[int, ...] = (1, 8)

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if not all(1 <= k <= self.samples for k in self.k):
            raise ValueError(f"k is {list(self.k)}, and there are {self.samples} samples: no k is more than them")
        return self


class Config(Strict):
    """A whole file."""

    seed: int = 0
    model: ModelTable = ModelTable()
    data: DataTable = DataTable()
    reward: RewardTable = RewardTable()
    rollout: RolloutTable = RolloutTable()
    eval: EvalTable = EvalTable()
    grpo: dict[str, Any] = Field(default={})
    lora: dict[str, Any] | None = None


def read_config(path: Path, overrides: Iterable[tuple[str, Any]] = (), servers: Sequence[str] = ()) -> Config:
    """The file, with dotted keys set over it, checked. A data file may stand beside it. Raises ConfigError."""
    data = read_toml(path)
    for key, value in [*overrides, *([("reward.servers", [*servers])] if servers else [])]:
        *tables, last = key.split(".")
        table = data
        for name in tables:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"{key}: {name!r} is no table")
            table = inner
        table[last] = value
    config = check(Config, data, path)
    beside = path.parent / config.data.path
    if not beside.is_file():
        return config
    return config.model_copy(update={"data": config.data.model_copy(update={"path": str(beside.resolve())})})
