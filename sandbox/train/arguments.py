"""Tables that are somebody else's, checked by their names: [grpo] is TRL's, [lora] PEFT's, the limits the server's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import torch
from trl import GRPOConfig

from sandbox.client.fields import limits_message
from sandbox.errors import ConfigError, SandboxError, nearest
from sandbox.rollouts import RunFolder
from sandbox.train.config import Config, RewardTable
from sandbox.v1 import job_pb2


def grpo_arguments(config: Config, folder: RunFolder) -> Any:
    """TRL's arguments: those of the file, over what a run of ours needs. Raises ConfigError."""
    _check("grpo", config.grpo, (field.name for field in fields(GRPOConfig)), "TRL's GRPOConfig")
    if not config.grpo.get("max_steps"):
        raise ConfigError("grpo.max_steps is missing", why="tasks are drawn without end", fix="max_steps = 60")
    gpu = torch.cuda.is_available()
    ours = {
        "output_dir": str(folder.path),
        "seed": config.seed,
        "use_cpu": not gpu,
        "bf16": gpu,
        "gradient_checkpointing": gpu,
        "logging_steps": 1,
        "disable_tqdm": True,
        "report_to": "none",
        "save_strategy": "steps" if "save_steps" in config.grpo else "no",
        "shuffle_dataset": False,
    }
    try:
        return GRPOConfig(**{**ours, **config.grpo})
    except (TypeError, ValueError) as error:
        raise ConfigError("[grpo] is refused by TRL", why=str(error)) from error


def lora_arguments(config: Config) -> Any:
    """PEFT's configuration, or None without [lora]. Raises ConfigError, and SandboxError where PEFT is missing."""
    if config.lora is None:
        return None
    try:
        from peft import LoraConfig
    except ModuleNotFoundError as error:
        raise SandboxError("[lora] needs PEFT", fix="pip install peft") from error
    _check("lora", config.lora, (field.name for field in fields(LoraConfig)), "PEFT's LoraConfig")
    try:
        return LoraConfig(**{"task_type": "CAUSAL_LM", **config.lora})
    except (TypeError, ValueError) as error:
        raise ConfigError("[lora] is refused by PEFT", why=str(error)) from error


def shape(job: job_pb2.ScoreRequest, table: RewardTable) -> None:
    """A run's scheme and limits into a job; a task's own win. Raises JobError for limits that there are not."""
    if not job.reward.scheme:
        job.reward.scheme = table.scheme
        job.reward.params.update(table.params)
    if table.limits and not job.HasField("limits"):
        job.limits.CopyFrom(limits_message("reward.limits", table.limits))


def _check(table: str, given: Iterable[str], known: Iterable[str], whose: str) -> None:
    names = {*known}
    for name in given:
        if name not in names:
            raise ConfigError(f"unknown key '{table}.{name}': {whose} has none", fix=nearest(name, names))
