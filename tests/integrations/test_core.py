"""The core of the adapters: jobs out of completions, and faults that are never numbers."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from sandbox.client.errors import Rejected
from sandbox.client.fake import FakeClient
from sandbox.errors import JobError
from sandbox.integrations.core import Score, Scorer, Unscored
from tests.client.scripted import Scripted, running, verdict
from tests.integrations.conftest import BROKEN, FAULT, RIGHT, TESTS, WRONG, judged

ALL = [RIGHT, WRONG, BROKEN, FAULT]


def test_each_program_has_its_reward_and_a_fault_has_none(scorer):
    assert scorer.rewards_now(ALL, [TESTS] * 4) == [1.0, 0.0, 0.0, None]


async def test_the_same_asynchronously(scorer):
    assert await scorer.rewards(ALL, [TESTS] * 4) == [1.0, 0.0, 0.0, None]


def test_a_score_says_what_was_wrong(scorer):
    score = scorer.score_now(WRONG, TESTS)
    assert score.numbers() == {"score": 0.0, "passed": 0.0, "fraction": 0.5}
    assert score.status == "WRONG_ANSWER"
    assert "-6" not in score.feedback


def test_a_fault_is_raised_where_a_number_is_asked_for(scorer):
    with pytest.raises(Unscored, match="has no reward"):
        scorer.score_now(FAULT, TESTS)


def test_the_exception_travels_between_processes():
    assert str(pickle.loads(pickle.dumps(Unscored("no jail")))) == str(Unscored("no jail"))


def test_a_scheme_is_the_scorers_unless_the_task_names_one():
    scorer = Scorer(client=FakeClient(judged), scheme="fraction")
    assert scorer.rewards_now([WRONG, WRONG], [TESTS, {**TESTS, "scheme": "pass_fail"}]) == [0.5, 0.0]


def test_a_bad_task_and_a_bad_job_are_told_and_not_scored(scorer):
    with pytest.raises(JobError, match="tests"):
        scorer.score_now(RIGHT, [])
    refusing = Scorer(client=FakeClient(Rejected("policy", "no policy is called 'x'")))
    with pytest.raises(Rejected, match="policy"):
        refusing.rewards_now([RIGHT], [TESTS])


def test_addresses_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("SANDBOX_ADDRESS", "10.0.0.1:50051, 10.0.0.2:50051")
    assert repr(Scorer()._now) == "Client('10.0.0.1:50051', '10.0.0.2:50051')"
    assert repr(Scorer("127.0.0.1:1")._now) == "Client('127.0.0.1:1')"


@pytest.mark.parametrize("hops", [0, 1, 2])
async def test_one_scorer_serves_pickles_threads_and_event_loops(address, hops):
    async with running(Scripted(_passes), address):
        scorer = Scorer(address)
        for _ in range(hops):
            scorer = pickle.loads(pickle.dumps(scorer))
        assert await scorer.rewards([RIGHT], [TESTS]) == [1.0]
        found: list[float | None] = []

        def elsewhere() -> None:
            found.extend(asyncio.run(scorer.rewards([RIGHT] * 3, [TESTS] * 3)))
            found.append(scorer.score_now(RIGHT, TESTS).reward)

        await asyncio.to_thread(elsewhere)
        assert found == [1.0] * 4


async def _passes(request):
    return verdict(request)


def test_a_score_is_the_same_keys_for_every_sample(scorer):
    assert {tuple(scorer.score_now(each, TESTS).numbers()) for each in ALL[:3]} == {("score", "passed", "fraction")}
    assert isinstance(scorer.score_now(RIGHT, TESTS), Score)
