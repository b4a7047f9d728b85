"""`sandbox train`: one configuration, one run. TRL's GRPOTrainer does the training; this puts the parts around it."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from transformers import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOTrainer

from sandbox.client.aio import AsyncClient
from sandbox.client.settings import DEFAULT_ADDRESS
from sandbox.errors import ConfigError, SandboxError, nearest
from sandbox.rollouts import Rollout, RunFolder
from sandbox.train.admit import admitted
from sandbox.train.arguments import grpo_arguments, lora_arguments, shape
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
# What a run that goes on may have otherwise than when it began.
_MAY_CHANGE = (
    *("reward.servers", "reward.patience_s", "reward.max_fault_share"),
    *("grpo.max_steps", "grpo.save_steps", "grpo.report_to", "grpo.save_strategy"),
)
# What transformers has renamed is for TRL to follow.
warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def train(config: Config, folder: RunFolder, resume: bool, tell: Tell) -> dict[str, dict[str, float]]:
    """Trains, and returns the evaluations `before` and `after`. `tell` is shown every metric.

    Raises SandboxError for what is wrong with the configuration or the data, and TooManyFaults.
    """
    args, lora = grpo_arguments(config, folder), lora_arguments(config)
    shape(job_pb2.ScoreRequest(), config.reward)
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
    curriculum = Curriculum(training, per_batch, config.rollout.muted, config.seed, wrap)
    evaluation = Evaluation(
        held_out, config.eval, config.reward.max_fault_share, args.max_completion_length, config.seed
    )

    def sink(batch: list[Rollout]) -> None:
        folder.write_lines("rollouts.jsonl", [each.line() for each in batch])
        curriculum.batch_ended([each for each in batch if each.last])

    def evaluate(name: str, step: int) -> dict[str, float]:
        tell("phase", {"doing": f"trying {len(held_out)} held-out tasks"})
        found = evaluation.run(trainer.accelerator.unwrap_model(trainer.model), grader, prompts, wrap)
        folder.append("evals.jsonl", {"step": step, "name": name, **found})
        tell("eval", {"step": step, "name": name, **found})
        return found

    with closing(Grader(client, tasks, wrap, prompts.chat, lambda job: shape(job, config.reward))) as grader:
        reward = CodeReward(grader, config.reward, config.seed, sink)
        trainer = GRPOTrainer(
            model,
            reward,
            args,
            curriculum.dataset(),
            processing_class=tokenizer,
            callbacks=[Record(folder, curriculum, config.eval.every, evaluate, tell)],
            rollout_func=Rollouts(grader, prompts, config.rollout, reward.spent),
            peft_config=lora,
        )
        trainer.remove_callback(PrinterCallback)
        before = _went_on(folder, curriculum, checkpoint) if checkpoint else evaluate("before", 0)
        _assert_base(config, before)
        trainer.train(resume_from_checkpoint=checkpoint)
        after = evaluate("after", trainer.state.global_step)
    return {"before": before, "after": after}


def _tasks(config: Config, client: AsyncClient, folder: RunFolder, begins: bool, tell: Tell) -> list[Task]:
    """What is trained on and what is held out, admitted; a run that begins notes it down."""
    asyncio.run(_greet(client, config.reward.scheme))
    data = config.data
    tasks = read_tasks(data.path, data.held_out, config.seed, data.train, data.test)
    if begins:
        folder.begin()
    if data.admit:
        tell("phase", {"doing": f"examining {len(tasks)} tasks"})
        tasks = admitted(tasks, client, folder)
    if begins:
        folder.write_rows("config.json", [config.model_dump(mode="json")])
        folder.write_rows("tasks.jsonl", [task.row() for task in tasks])
    else:
        _assert_same(config, next(folder.read("config.json")))
    return tasks


def _assert_same(config: Config, begun: dict[str, Any]) -> None:
    """A run goes on as it began, or its log would be of two. Raises ConfigError."""
    for table, now in config.model_dump(mode="json").items():
        one, other = (each if isinstance(each, dict) else {"": each} for each in (begun.get(table), now))
        for key in sorted({*one, *other}):
            name = f"{table}.{key}".rstrip(".")
            if one.get(key) != other.get(key) and name not in _MAY_CHANGE:
                raise ConfigError(
                    f"the run began with {name} = {one.get(key)!r}, and now it is {other.get(key)!r}",
                    fix="set it back, or begin another run with --out",
                )


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


def _conversation(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": _ASK + text}]


def _assert_base(config: Config, before: dict[str, float]) -> None:
    """The tiny model is a fair start only while its teacher was neither too good nor too bad."""
    low, high = _BASE
    if config.model.path == "tiny" and config.data.path == "tiny" and not low <= before["pass@1"] <= high:
        raise SandboxError(
            f"the tiny model passes {before['pass@1']:.3f} before training",
            why=f"its recipe is made for {low} to {high}",
            fix="another seed, or more of eval.samples and data.test",
        )
