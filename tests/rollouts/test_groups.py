"""Group statistics: means, spreads and advantages, with faults left out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts import Rollout
from sandbox.rollouts.groups import Group, Spread, grouped, statistics
from tests.rollouts.laws import law

REWARDS = st.lists(st.none() | st.floats(-2, 2), max_size=16)


def rollout(sample: int = 0, **fields: object) -> Rollout:
    return Rollout(
        **{"step": 1, "task": "t", "group": "g", "prompt": "p", "completion": "c", **fields, "sample": sample}
    )


def numbers(advantages: list[float | None]) -> list[float]:
    return [each for each in advantages if each is not None]


def test_the_statistics_of_a_group_are_those_that_the_papers_define() -> None:
    found = statistics([1.0, 0.0, None, 0.5])
    assert (found.valid, found.faults, found.mean) == (3, 1, 0.5)
    assert found.std == pytest.approx(math.sqrt(0.5 / 3))
    assert found.std_unbiased == pytest.approx(0.5)
    assert found.advantages() == [0.5, -0.5, None, 0.0]
    assert found.rloo() == [0.75, -0.75, None, 0.0]
    assert found.grpo(epsilon=0.0) == [1.0, -1.0, None, 0.0]
    assert found.has_signal


@law
@given(REWARDS)
def test_advantages_sum_to_nothing_and_a_fault_has_none(rewards: list[float | None]) -> None:
    found = statistics(rewards)
    for advantages in (found.advantages(), found.rloo(), found.grpo(floor=0.05)):
        assert len(advantages) == len(rewards)
        assert math.fsum(numbers(advantages)) == pytest.approx(0.0, abs=1e-6)
        assert all(advantage is None for advantage, reward in zip(advantages, rewards, strict=True) if reward is None)


@law
@given(REWARDS)
def test_rloo_is_the_distance_to_the_mean_of_the_others(rewards: list[float | None]) -> None:
    found = statistics(rewards)
    if found.valid < 2 or found.zero_variance:
        return
    for place, advantage in enumerate(found.rloo()):
        others = [each for other, each in enumerate(rewards) if other != place and each is not None]
        reward = rewards[place]
        if reward is not None:
            assert advantage == pytest.approx(reward - math.fsum(others) / len(others), abs=1e-9)


@law
@given(REWARDS)
def test_a_fault_changes_no_other_samples_advantage(rewards: list[float | None]) -> None:
    valid = [reward for reward in rewards if reward is not None]
    assert numbers(statistics(rewards).advantages()) == numbers(statistics(valid).advantages())


@law
@given(st.lists(st.none() | st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=8))
def test_what_is_no_finite_number_is_a_fault(rewards: list[float | None]) -> None:
    found = statistics(rewards)
    assert found.valid == sum(each is not None and math.isfinite(each) for each in rewards)
    assert found.valid + found.faults == len(rewards)


@pytest.mark.parametrize("rewards", [[], [1.0], [None, 1.0, None], [None]])
def test_with_fewer_than_two_valid_samples_a_group_has_no_signal(rewards: list[float | None]) -> None:
    found = statistics(rewards)
    assert not found.has_signal
    assert not found.zero_variance
    assert found.advantages() == found.rloo() == found.grpo() == [None] * len(rewards)


def test_equal_rewards_are_zero_variance_and_their_advantages_exactly_zero() -> None:
    found = statistics([0.1 + 0.2, 0.3, None])
    assert found.zero_variance
    assert found.advantages() == found.grpo() == [0.0, 0.0, None]


@pytest.mark.parametrize(
    ("samples", "spread"),
    [
        ([(1.0, True), (1.0, True)], Spread.ALL_PASSED),
        ([(0.0, False), (0.0, False)], Spread.ALL_FAILED),
        ([(1.0, True), (1.0, False)], Spread.SAME_REWARD),
        ([(1.0, True), (0.0, False)], Spread.MIXED),
        ([(1.0, True), (None, False)], Spread.NO_SIGNAL),
        ([(1.0, True), (1.0, True), (None, False)], Spread.ALL_PASSED),
    ],
)
def test_a_group_says_what_it_can_teach(samples: list[tuple[float | None, bool]], spread: Spread) -> None:
    group = Group.of([rollout(place, reward=reward, passed=passed) for place, (reward, passed) in enumerate(samples)])
    assert group.spread is spread


def test_groups_of_one_name_in_two_steps_are_two_and_turns_are_one_sample() -> None:
    lines = [
        rollout(0, turn=1, reward=1.0),
        rollout(0, turn=0, last=False),
        rollout(1, reward=0.0),
        rollout(0, step=2, reward=0.0),
    ]
    first, second = grouped(lines)
    assert (first.step, second.step) == (1, 2)
    assert [len(turns) for turns in first.samples] == [2, 1]
    assert [end.reward for end in first.ends] == [1.0, 0.0]


def test_a_line_with_a_fault_has_no_reward_whatever_stands_beside_it() -> None:
    assert Group.of([rollout(0, reward=0.0, fault="TIMEOUT"), rollout(1, reward=1.0)]).statistics.valid == 1
