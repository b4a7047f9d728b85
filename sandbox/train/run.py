"""`sandbox train`: one configuration, one run. TRL's GRPOTrainer does the training; this puts the parts around it."""

from __future__ import annotations

import asyncio
import os
import random
import warnings
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOConfig, GRPOTrainer

from sandbox.client.aio import AsyncClient
from sandbox.client.fields import limits_message
from sandbox.client.settings import DEFAULT_ADDRESS
from sandbox.errors import ConfigError, SandboxError, nearest
from sandbox.rollouts import Rollout, RunFolder
from sandbox.train.admit import admitted
from sandbox.train.callbacks import Record, Tell
from sandbox.train.config import Config, RewardTable
from sandbox.train.curriculum import Curriculum
from sandbox.train.evaluate import Evaluation
from sandbox.train.models import find_model, load_model
from sandbox.train.reward import CodeReward, Grader
from sandbox.train.rollout import Prompts, Rollouts
from sandbox.train.tasks import Task, read_tasks
from sandbox.v1 import job_pb2

_ASK = "Write this Python function. Answer with one code block that holds the whole function.\n\n"
_BASE = (0.3, 0.5)
# What transformers has renamed is for TRL to follow.
warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def train(config: Config, folder: RunFolder, resume: bool, tell: Tell) -> dict[str, dict[str, float]]:
    """Trains, and returns the evaluations `before` and `after`. `tell` is shown every metric.

    Raises SandboxError for what is wrong with the configuration or the data, and TooManyFaults.
    """
    args = _arguments(config, folder)
    checkpoint = _checkpoint(folder, resume)
    client = AsyncClient(*_servers(config.reward), patience=config.reward.patience_s)
    tasks = _tasks(config, client, folder, checkpoint is None, tell)
    training, held_out = ([task for task in tasks if task.held_out is side] for side in (False, True))
    per_batch = args.generation_batch_size // args.num_generations
    if per_batch > len(training):
        why = f"a batch has {per_batch} prompts, and there are {len(training)} tasks"
        raise ConfigError("a batch is larger than the data", why=why, fix="lower grpo.per_device_train_batch_size")
    tell("phase", {"doing": f"loading {config.model.path}"})
    model, tokenizer = load_model(find_model(config.model.path, config.data.held_out, config.seed), config.model.dtype)
    prompts = Prompts(tokenizer)
    wrap: Callable[[str], Any] = _conversation if prompts.chat else str
    grader = Grader(client, tasks, wrap, prompts.chat, lambda job: _shape(job, config.reward))
    curriculum = Curriculum(training, per_batch, config.rollout.muted, config.seed, wrap)
    evaluation = Evaluation(held_out, config.eval, args.max_completion_length, config.seed)

    def sink(batch: list[Rollout]) -> None:
        folder.write_lines("rollouts.jsonl", [each.line() for each in batch])
        curriculum.batch_ended([each for each in batch if each.last])

    def evaluate(name: str, step: int) -> dict[str, float]:
        tell("phase", {"doing": f"trying {len(held_out)} held-out tasks"})
        found = evaluation.run(trainer.accelerator.unwrap_model(trainer.model), grader, prompts, wrap)
        folder.append("evals.jsonl", {"step": step, "name": name, **found})
        tell("eval", {"step": step, "name": name, **found})
        return found

    reward = CodeReward(grader, config.reward, random.Random(config.seed), sink)
    trainer = GRPOTrainer(
        model,
        reward,
        args,
        curriculum.dataset(),
        processing_class=tokenizer,
        callbacks=[Record(folder, curriculum, config.eval.every, evaluate, tell)],
        rollout_func=Rollouts(grader, prompts, config.rollout, reward.generated),
        peft_config=_lora(config),
    )
    trainer.remove_callback(PrinterCallback)
    try:
        before = _went_on(folder, curriculum, checkpoint) if checkpoint else evaluate("before", 0)
        _assert_base(config, before)
        trainer.train(resume_from_checkpoint=checkpoint)
        after = evaluate("after", trainer.state.global_step)
    finally:
        grader.close()
    return {"before": before, "after": after}


def _tasks(config: Config, client: AsyncClient, folder: RunFolder, begins: bool, tell: Tell) -> list[Task]:
    """What is trained on and what is held out, admitted; a run that begins notes it down."""
    asyncio.run(_greet(client, config.reward.scheme))
    data = config.data
    tasks = read_tasks(data.path, data.held_out, config.seed, data.train, data.test)
    if data.admit:
        tell("phase", {"doing": f"examining {len(tasks)} tasks"})
        tasks = admitted(tasks, client, folder)
    if begins:
        folder.rewind(-1)
        folder.write_rows("config.json", [config.model_dump()])
        folder.write_rows("tasks.jsonl", [task.row() for task in tasks])
    return tasks


def _went_on(folder: RunFolder, curriculum: Curriculum, checkpoint: str) -> dict[str, Any]:
    """Takes up a run where a checkpoint was made; what it passed before it was trained is told by its log."""
    folder.rewind(int(checkpoint.rpartition("-")[2]))
    curriculum.load(Path(checkpoint))
    return next(row for row in folder.read("evals.jsonl") if row["name"] == "before")


async def _greet(client: AsyncClient, scheme: str) -> None:
    """Sees that a server is there, and has the scheme, before anything is loaded. Raises Unreachable, ConfigError."""
    try:
        offered = [each.name for each in (await client.describe()).schemes]
    finally:
        await client.close()
    if scheme not in offered:
        raise ConfigError(f"reward.scheme: the server has no {scheme!r}", fix=nearest(scheme, offered))


def _arguments(config: Config, folder: RunFolder) -> Any:
    """TRL's arguments: those of the file, over what a run of ours needs. Raises ConfigError."""
    known = {field.name for field in fields(GRPOConfig)}
    for name in config.grpo:
        if name not in known:
            raise ConfigError(f"unknown key 'grpo.{name}': TRL's GRPOConfig has none", fix=nearest(name, known))
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


def _lora(config: Config) -> Any:
    if config.lora is None:
        return None
    try:
        from peft import LoraConfig
    except ModuleNotFoundError as error:
        raise SandboxError("[lora] needs PEFT", fix="pip install peft") from error
    return LoraConfig(task_type="CAUSAL_LM", **config.lora)


def _checkpoint(folder: RunFolder, resume: bool) -> str | None:
    """Where to go on. A folder that holds a run is not written over."""
    found: str | None = get_last_checkpoint(str(folder.path)) if folder.path.is_dir() else None
    if resume and found is None:
        raise SandboxError(f"{folder.path} holds no checkpoint", fix="set grpo.save_steps, or leave out --resume")
    if not resume and (folder.path / "rollouts.jsonl").exists():
        raise SandboxError(f"{folder.path} holds a run", why="it is not written over", fix="--resume, or another --out")
    folder.create()
    return found if resume else None


def _servers(table: RewardTable) -> list[str]:
    named = os.environ.get("SANDBOX_ADDRESS", DEFAULT_ADDRESS).split(",")
    return [*table.servers] or [name.strip() for name in named if name.strip()]


def _shape(job: job_pb2.ScoreRequest, table: RewardTable) -> None:
    """A run's scheme and limits; a task's own win."""
    if not job.reward.scheme:
        job.reward.scheme = table.scheme
        job.reward.params.update(table.params)
    if table.limits and not job.HasField("limits"):
        job.limits.CopyFrom(limits_message("reward.limits", table.limits))


def _conversation(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": _ASK + text}]


def _assert_base(config: Config, before: dict[str, float]) -> None:
    """The tiny model is a fair start only while its teacher was neither too good nor too bad."""
    low, high = _BASE
    if config.model.path == "tiny" and config.data.path == "tiny" and (before["high"] < low or before["low"] > high):
        raise SandboxError(
            f"the tiny model passes {before['pass@1']:.3f} before training",
            why=f"its recipe is made for {low} to {high}",
            fix="another seed, or more of eval.samples and data.test",
        )
