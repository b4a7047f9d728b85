"""Stop rules: what is not run is SKIPPED, and the denominator stays the schedule's."""

from __future__ import annotations

import pytest

from sandbox.v1 import reward_pb2_grpc
from tests.server.jobs import ECHO, job, statuses

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub
FAILS_SECOND = (("a", "a"), ("b", "x"), ("c", "c"), ("d", "d"))


def test_without_a_rule_every_test_runs(rewards: Stub) -> None:
    answer = rewards.Score(job(ECHO, *FAILS_SECOND))
    assert statuses(answer) == ["ACCEPTED", "WRONG_ANSWER", "ACCEPTED", "ACCEPTED"]


@pytest.mark.parametrize("scheme", ["pass_fail", "fraction"])
def test_the_first_failure_ends_the_run(rewards: Stub, scheme: str) -> None:
    request = job(ECHO, *FAILS_SECOND, stop="FIRST_FAILURE")
    request.reward.scheme = scheme
    answer = rewards.Score(request)
    assert statuses(answer) == ["ACCEPTED", "WRONG_ANSWER", "SKIPPED", "SKIPPED"]
    assert answer.verdict.reward == {"pass_fail": 0.0, "fraction": 0.25}[scheme]
    assert not answer.verdict.passed
    assert [test.checks.total for test in answer.verdict.tests] == [1, 1, 1, 1]
    assert [test.wall_ms > 0 for test in answer.verdict.tests] == [True, True, False, False]


def test_nothing_is_skipped_where_nothing_fails(rewards: Stub) -> None:
    for stop in ("FIRST_FAILURE", "DECIDED"):
        answer = rewards.Score(job(ECHO, ("a", "a"), ("b", "b"), stop=stop))
        assert statuses(answer) == ["ACCEPTED", "ACCEPTED"]
        assert answer.verdict.passed


def test_a_run_is_decided_when_nothing_can_change_the_reward(rewards: Stub) -> None:
    answer = rewards.Score(job(ECHO, *FAILS_SECOND, stop="DECIDED"))
    assert statuses(answer) == ["ACCEPTED", "WRONG_ANSWER", "SKIPPED", "SKIPPED"]


def test_a_run_goes_on_while_the_reward_can_change(rewards: Stub) -> None:
    request = job(ECHO, *FAILS_SECOND, stop="DECIDED")
    request.reward.scheme = "fraction"
    answer = rewards.Score(request)
    assert statuses(answer) == ["ACCEPTED", "WRONG_ANSWER", "ACCEPTED", "ACCEPTED"]
    assert answer.verdict.reward == 0.75


@pytest.mark.parametrize("scheme", ["pass_fail", "fraction", "coderl", "rltf_adaptive", "ioi_groups"])
def test_deciding_early_changes_no_reward(rewards: Stub, scheme: str) -> None:
    found = []
    for stop in ("NEVER", "DECIDED"):
        request = job("x = input()\nprint(x if x != 'e' else 1 / 0)", *FAILS_SECOND, ("e", "e"), ("f", "f"), stop=stop)
        for number, test in enumerate(request.tests):
            test.group, test.weight = "ab"[number % 2], 1.0 + number
        request.reward.scheme = scheme
        found.append(rewards.Score(request).verdict.reward)
    assert found[0] == found[1]


def test_the_first_time_limit_ends_the_run_and_no_other_failure_does(rewards: Stub) -> None:
    program = "word = input()\nwhile word == 'b':\n    pass\nprint(word)\n"
    request = job(program, ("a", "x"), ("b", "b"), ("c", "c"), stop="FIRST_TIME_LIMIT")
    request.limits.cpu_time_ms = 300
    assert statuses(rewards.Score(request)) == ["WRONG_ANSWER", "TIME_LIMIT", "SKIPPED"]
