"""The reward function that TRL is given: it grades in the background, and None is what a fault of ours comes to.

TRL leaves a sample whose reward is None out of its group's mean and gives it no advantage (from 1.6 on).
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, NamedTuple

from sandbox.client.aio import AsyncClient
from sandbox.client.errors import Rejected
from sandbox.client.outcome import reward_of
from sandbox.errors import SandboxError
from sandbox.rollouts import Outcome, Rollout
from sandbox.rollouts.groups import Spread, grouped
from sandbox.train.config import RewardTable
from sandbox.train.tasks import Task
from sandbox.v1 import job_pb2, verdict_pb2

Answer = verdict_pb2.ScoreResponse
Sink = Callable[[list[Rollout]], None]


class TooManyFaults(SandboxError):
    """The server fails more often than one may train through."""

    code = "fault"


class Try(NamedTuple):
    """One completion that is being graded: the prompt of its turn, and how many tokens the model wrote."""

    prompt: Any
    completion: str
    tokens: int
    answer: Future[Answer]


class Grader:
    """Grades completions of known tasks; an event loop of its own keeps them going while the model generates."""

    def __init__(
        self,
        client: AsyncClient,
        tasks: Sequence[Task],
        wrap: Callable[[str], Any],
        chat: bool,
        shape: Callable[[job_pb2.ScoreRequest], None],
    ) -> None:
        self._client, self._chat, self._shape = client, chat, shape
        self._tasks = {_spoken(wrap(task.prompt)): task for task in tasks}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="grader", daemon=True)
        self._thread.start()

    def task(self, prompt: Any) -> Task:
        """The task behind a prompt."""
        return self._tasks[_spoken(prompt)]

    @property
    def chat(self) -> bool:
        """Whether programs stand in fences."""
        return self._chat

    def submit(self, task: Task, completion: str, name: str = "") -> Future[Answer]:
        """Begins to grade. Raises what is wrong with the job at once, where the client sees it."""
        job = task.job(completion, self._chat, name)
        job.feedback = job_pb2.ALL
        self._shape(job)
        return asyncio.run_coroutine_threadsafe(self._client.answer(job), self._loop)

    def feedback(self, answer: Answer, task: Task) -> str:
        """What the model may see of an answer: its build, and the public tests."""
        return self._client.feedback(answer, task.request)

    def close(self) -> None:
        """Hangs up; what is still being graded is cancelled."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()


def _spoken(prompt: Any) -> str:
    """A prompt's text; of a conversation, what was said last."""
    return str(prompt if isinstance(prompt, str) else prompt[-1]["content"])


def _logged(prompt: Any) -> str:
    return prompt if isinstance(prompt, str) else json.dumps(prompt, ensure_ascii=False)


def rollout_of(answer: Answer, **known: Any) -> Rollout:
    """One completion and its answer, as the log keeps them. Raises Rejected for a bad job."""
    reward = reward_of(answer, known["task"])
    if reward is None:
        return Rollout(fault=answer.fault.message or "the verdict has no reward", **known)
    verdict, status = answer.verdict, verdict_pb2.Status.Name
    tests = tuple(
        Outcome(t.id, status(t.status), t.score, t.visibility == job_pb2.PUBLIC, t.cpu_ms, t.detail, t.stdout, t.stderr)
        for t in verdict.tests
    )
    numbers = {**known.pop("numbers", {}), **verdict.components, "cpu_ms": verdict.usage.cpu_ms}
    return Rollout(
        reward=reward, passed=verdict.passed, verdict=status(verdict.status), tests=tests, numbers=numbers, **known
    )


class CodeReward:
    """TRL's reward function. `sink` is given what every completion came to, batch by batch."""

    __name__ = "code"

    def __init__(self, grader: Grader, table: RewardTable, seed: int, sink: Sink) -> None:
        self._grader, self._table, self._seed, self._sink = grader, table, seed, sink
        self._times: dict[str, float] = defaultdict(float)

    def spent(self, name: str, seconds: float) -> None:
        """Takes note of what a batch's time went into, before it comes here."""
        self._times[name] += seconds

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        trainer_state: Any,
        log_metric: Callable[[str, float], None],
        graded: Sequence[Sequence[Try]],
        **columns: Any,
    ) -> list[float | None]:
        """One reward for each completion; raises TooManyFaults before anything is learned from such a batch.

        `graded`: each sample's tries, from `rollout.py`.
        """
        began, step = time.monotonic(), trainer_state.global_step + 1
        batch: list[Rollout] = []
        for sample, (prompt, tries) in enumerate(zip(prompts, graded, strict=True)):
            task = self._grader.task(prompt)
            known = {"step": step, "task": task.id, "group": f"{step}/{task.id}", "sample": sample}
            for turn, each in enumerate(tries):
                known |= {"turn": turn, "last": turn == len(tries) - 1, "above": task.above(self._grader.chat)}
                known["place"] = task.place(each.completion, self._grader.chat)
                known |= {"prompt": _logged(each.prompt), "completion": each.completion, "tokens": each.tokens}
                try:
                    made = rollout_of(each.answer.result(), **known)
                except Rejected as rejected:
                    self._sink([*batch, Rollout(fault=str(rejected), **known)])
                    raise
                batch.append(made if made.last else replace(made, reward=None))
        self.spent("time/reward_wait", time.monotonic() - began)
        for name in ("time/generate", "time/reward_wait"):
            log_metric(name, self._times[name])
        self._times.clear()
        final = [each for each in batch if each.last]
        rewards = [each.reward for each in final]
        self._sink(batch)
        for name, value in summary(final).items():
            log_metric(name, value)
        share = rewards.count(None) / len(rewards)
        if share > self._table.max_fault_share:
            why = next(each.fault for each in final if each.fault)
            raise TooManyFaults(
                f"{share:.0%} of the samples of step {step} have no verdict",
                why=why,
                fix="mend the server, then --resume from the last checkpoint",
            )
        if self._table.shuffled:
            # Of the step alone, so that a run that goes on deals them out as it would have.
            random.Random(f"{self._seed}/{step}").shuffle(rewards)
        return rewards


def summary(final: Sequence[Rollout]) -> dict[str, float]:
    """What is logged of a batch apart from the reward: efficiency is that of programs that passed, and groups whose
    samples all passed, or all failed, teach nothing.
    """
    judged = [each for each in final if each.reward is not None]
    passed = [each for each in judged if each.passed]
    found = {
        "sandbox/faults": 1 - len(judged) / len(final),
        "sandbox/passed": len(passed) / max(1, len(judged)),
        "sandbox/format": sum(each.verdict != "COMPILE_ERROR" for each in judged) / max(1, len(judged)),
        "sandbox/turns": sum(each.turn + 1 for each in final) / len(final),
    }
    groups = grouped(final)
    for spread in (Spread.ALL_PASSED, Spread.ALL_FAILED):
        found[f"groups/{spread}"] = sum(group.spread is spread for group in groups) / len(groups)
    if passed:
        found["sandbox/cpu_ms_passed"] = sum(each.numbers["cpu_ms"] for each in passed) / len(passed)
    return found
