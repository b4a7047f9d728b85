"""The reward function and the rollout hook, over a script in place of a server and of TRL."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.client.errors import Rejected
from sandbox.client.fake import FakeAsyncClient
from sandbox.train.config import RewardTable, RolloutTable
from sandbox.train.reward import CodeReward, Grader, TooManyFaults
from sandbox.train.rollout import Prompts, Rollouts
from sandbox.train.tasks import Task
from sandbox.v1 import job_pb2, verdict_pb2

RIGHT, WRONG, FAULT = "right", "wrong", "fault"
SECRET = "4711"


def task(name: str) -> Task:
    request = job_pb2.ScoreRequest()
    request.tests.add(visibility=job_pb2.PUBLIC).call.args_json = "[1]"
    request.tests.add().call.expected_json = SECRET
    return Task(name, f"prompt of {name}", request)


def judged(request: job_pb2.ScoreRequest) -> verdict_pb2.Verdict | None:
    """Wrong programs fail both tests, and the hidden one says what it expected, as with `feedback: ALL`."""
    if FAULT in request.program.source:
        return None
    passed = RIGHT in request.program.source
    status = verdict_pb2.ACCEPTED if passed else verdict_pb2.WRONG_ANSWER
    tests = [
        verdict_pb2.TestResult(id=str(n), status=status, score=float(passed), visibility=test.visibility)
        for n, test in enumerate(request.tests)
    ]
    tests[1].detail = f"expected {SECRET}"
    return verdict_pb2.Verdict(passed=passed, reward=float(passed), status=status, tests=tests)


class Letters:
    """A tokenizer whose tokens are letters."""

    chat_template = None
    all_special_ids: tuple[int, ...] = ()

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": [*map(ord, text)]}

    def decode(self, ids: list[int], **_: Any) -> str:
        return "".join(map(chr, ids))


class Trainer:
    """What the hook uses of TRL's: it answers each prompt with the next of `said`, and records when it was asked."""

    num_generations = num_generations_eval = 2
    model = SimpleNamespace(training=True)

    def __init__(self, said: list[str], client: FakeAsyncClient) -> None:
        self.said, self.client = said, client
        self.asked: list[list[str]] = []
        self.graded: list[int] = []

    def _generate_single_turn(self, ids, images, fields, generations):
        before = sum(map(len, self.asked))
        deadline = time.monotonic() + 5
        while len(self.client.jobs) < before and time.monotonic() < deadline:
            threading.Event().wait(0.001)
        self.graded.append(len(self.client.jobs))
        self.asked.append(["".join(map(chr, each)) for each in ids])
        return [[*map(ord, self.said.pop(0))] for _ in ids], None


@pytest.fixture
def made():
    """A function that runs one batch: completions in, TRL's view of it out."""
    client = FakeAsyncClient(judged)
    tasks = [task("a"), task("b")]
    logged: dict[str, float] = {}
    records: list[Any] = []
    closing = []

    def batch(said: list[str], turns: int = 1, chunks: int = 1, wrap: Any = str, **table: Any) -> Any:
        grader = Grader(client, tasks, wrap, False, lambda job: None)
        closing.append(grader)
        reward = CodeReward(grader, RewardTable(**table), 0, records.extend)
        client.jobs.clear()
        trainer = Trainer(said, client)
        hook = Rollouts(grader, Prompts(Letters()), RolloutTable(turns=turns, chunks=chunks), reward.spent)
        prompts = [wrap(each.prompt) for each in tasks for _ in range(2)]
        found = hook(prompts, trainer)
        rewards = reward(
            prompts,
            [],
            SimpleNamespace(global_step=4),
            logged.__setitem__,
            found["graded"],
        )
        return SimpleNamespace(
            rewards=rewards, found=found, trainer=trainer, logged=logged, records=records, client=client
        )

    yield batch
    for grader in closing:
        grader.close()


def test_a_fault_is_none_and_is_counted(made):
    run = made([RIGHT, WRONG, FAULT, RIGHT])
    assert run.rewards == [1.0, 0.0, None, 1.0]
    assert run.logged["sandbox/faults"] == 0.25
    assert (run.logged["groups/all-pass"], run.logged["groups/all-fail"]) == (0.0, 0.0)
    assert [each.fault != "" for each in run.records] == [False, False, True, False]
    assert [each.group for each in run.records] == ["5/a", "5/a", "5/b", "5/b"]


def test_more_faults_than_allowed_end_the_run_before_anything_is_learned(made):
    with pytest.raises(TooManyFaults, match="50% of the samples of step 5") as caught:
        made([FAULT, WRONG, FAULT, RIGHT])
    assert "--resume" in caught.value.fix


def test_a_chunk_is_under_way_before_the_next_is_generated(made):
    run = made([RIGHT, WRONG, RIGHT, RIGHT], chunks=2)
    assert [len(asked) for asked in run.trainer.asked] == [2, 2]
    assert run.trainer.graded == [0, 2]
    assert run.logged["groups/all-pass"] == 0.5
    assert run.rewards == [1.0, 0.0, 1.0, 1.0]


def test_shuffled_rewards_are_the_same_rewards_in_another_order(made):
    run = made([RIGHT, RIGHT, WRONG, WRONG], shuffled=True)
    assert sorted(run.rewards) == [0.0, 0.0, 1.0, 1.0]
    assert [each.reward for each in run.records] == [1.0, 1.0, 0.0, 0.0]


def test_a_program_that_fails_a_public_test_is_tried_again_and_the_last_try_has_the_reward(made):
    run = made([RIGHT, WRONG, WRONG, FAULT, RIGHT, WRONG], turns=2)
    assert run.rewards == [1.0, 1.0, 0.0, None]
    assert [(each.sample, each.turn, each.last, each.reward) for each in run.records] == [
        (0, 0, True, 1.0),
        (1, 0, False, None),
        (1, 1, True, 1.0),
        (2, 0, False, None),
        (2, 1, True, 0.0),
        (3, 0, True, None),
    ]


def test_what_is_told_for_a_repair_is_public_and_is_no_token_of_the_models(made):
    run = made([RIGHT, WRONG, RIGHT, RIGHT, RIGHT], turns=2)
    asked = run.trainer.asked[1][0]
    assert "0 of 1 public tests passed" in asked
    assert SECRET not in asked
    first, again = (each for each in run.records if each.sample == 1)
    assert again.prompt == asked == first.prompt + first.completion + again.prompt[len(first.prompt) + len(WRONG) :]
    ids, mask = run.found["completion_ids"][1], run.found["env_mask"][1]
    spoken = "".join(chr(token) for token, own in zip(ids, mask, strict=True) if own)
    assert (len(ids), spoken) == (len(mask), WRONG + RIGHT)


def test_hidden_results_never_decide_who_tries_again(made):
    """A program that passes what is public and fails what is hidden is not told so."""

    def half(request: job_pb2.ScoreRequest) -> verdict_pb2.Verdict:
        verdict = judged(request)
        assert verdict is not None
        verdict.tests[0].status = verdict_pb2.ACCEPTED
        return verdict

    run = made([WRONG] * 12, turns=3)
    assert len(run.trainer.asked) == 3
    run.client._script = half
    again = made([WRONG] * 4, turns=3)
    assert len(again.trainer.asked) == 1
    assert again.rewards == [0.0] * 4


def test_a_task_is_found_by_what_the_user_of_a_conversation_says(made):
    run = made([RIGHT, WRONG, WRONG, WRONG], wrap=lambda text: "asked: " + text)
    assert [each.task for each in run.records] == ["a", "a", "b", "b"]
    assert run.trainer.asked[0][0].startswith("asked: prompt of a")


def test_a_shuffle_is_of_its_step_alone(made):
    said = [RIGHT, WRONG, RIGHT, WRONG]
    assert made([*said], shuffled=True).rewards == made([*said], shuffled=True).rewards


def test_a_job_that_is_rejected_ends_the_run_and_is_in_the_log(made):
    run = made([RIGHT] * 4)
    run.client._script = Rejected("program.main", "is no path", "")
    with pytest.raises(Rejected):
        made([RIGHT] * 4)
    assert "is no path" in run.records[-1].fault
    assert run.records[-1].completion == RIGHT


def test_where_a_program_stands_is_noted(made):
    run = made(["```python\nright\n```"] * 4)
    each = run.records[0]
    assert each.place is not None
    assert each.completion[slice(*each.place)] == "right\n"


async def test_a_grader_that_is_closed_cancels_what_is_under_way():
    class Slow(FakeAsyncClient):
        async def answer(self, job, *, timeout=None):
            await asyncio.Event().wait()

    grader = Grader(Slow(), [task("a")], str, False, lambda job: None)
    waiting = grader.submit(task("a"), RIGHT)
    await asyncio.to_thread(grader.close)
    assert waiting.cancelled()


def test_waiting_in_a_repair_is_waiting_and_no_training():
    class Slow(FakeAsyncClient):
        async def answer(self, job, *, timeout=None):
            await asyncio.sleep(0.2)
            return await super().answer(job, timeout=timeout)

    client, spent = Slow(judged), Counter()
    grader = Grader(client, [task("a")], str, False, lambda job: None)

    def note(name, seconds):
        spent[name] += seconds

    hook = Rollouts(grader, Prompts(Letters()), RolloutTable(turns=2, chunks=1), note)
    hook([task("a").prompt] * 2, Trainer([RIGHT] * 2, FakeAsyncClient(judged)))
    grader.close()
    assert spent["time/reward_wait"] >= 0.15


class Template(Letters):
    """A chat template whose end of a turn has letters of its own."""

    chat_template = "there is one"
    end_of_turn = "<|end|>"

    def apply_chat_template(self, messages, tokenize, add_generation_prompt):
        text = "".join(f"<|{each['role']}|>{each['content']}{self.end_of_turn}\n" for each in messages)
        return text + "<|assistant|>" * add_generation_prompt + "<|endoftext|>" * (not add_generation_prompt)


@pytest.mark.parametrize("ended", ["<|end|>", ""])
def test_feedback_stands_where_the_template_puts_it_and_a_turn_is_ended_once(ended):
    prompt = [{"role": "user", "content": "x \u241e x"}]
    said, ids = Prompts(Template()).feedback(prompt, "answer", "try again", "", ended)
    told = "".join(map(chr, ids))
    assert f"{ended}{told}" == "<|end|>\n<|user|>try again<|end|>\n<|assistant|>"
    assert [each["role"] for each in said] == ["user", "assistant", "user"]
