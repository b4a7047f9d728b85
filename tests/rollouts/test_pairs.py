"""Preference pairs: who is chosen over whom, and who never is in one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts import Rollout
from sandbox.rollouts.pairs import Pair, pairs
from tests.rollouts.laws import law
from tests.rollouts.test_groups import rollout

SAMPLES = st.lists(
    st.fixed_dictionaries(
        {
            "completion": st.sampled_from("abcdef"),
            "prompt": st.sampled_from("ppq"),
            "reward": st.none() | st.sampled_from([-1.0, 0.0, 0.5, 1.0]),
            "passed": st.booleans(),
            "fault": st.sampled_from(["", "", "", "JAIL"]),
            "verdict": st.sampled_from(["WRONG_ANSWER", "ACCEPTED", ""]),
        }
    ),
    max_size=10,
).map(lambda samples: [rollout(number, **fields) for number, fields in enumerate(samples)])


def passed(completion: str, reward: float = 1.0, **fields: object) -> Rollout:
    return rollout(completion=completion, reward=reward, passed=True, verdict="ACCEPTED", **fields)


def failed(completion: str, reward: float | None = 0.0, **fields: object) -> Rollout:
    return rollout(completion=completion, reward=reward, verdict="WRONG_ANSWER", **fields)


def texts(found: list[Pair]) -> set[str]:
    return {pair.chosen.completion + pair.rejected.completion for pair in found}


@law
@given(SAMPLES, st.integers(1, 20), st.none() | st.sampled_from([0.0, 0.5, 1.0]), st.text(max_size=3))
def test_a_pair_holds_no_fault_no_equal_rewards_and_no_text_twice(
    samples: list[Rollout], limit: int, margin: float | None, seed: str
) -> None:
    found = pairs(samples, limit, margin, seed)
    assert len(found) <= limit
    for pair in found:
        sides = (pair.chosen, pair.rejected)
        assert all(side.fault == "" and side.reward is not None and side.verdict for side in sides)
        assert pair.chosen.reward > pair.rejected.reward
        assert pair.chosen.prompt == pair.rejected.prompt
        assert pair.chosen.completion != pair.rejected.completion
        assert not pair.rejected.passed
        assert pair.chosen.passed or (margin is not None and pair.chosen.reward - pair.rejected.reward >= margin)
    assert len({(pair.chosen.prompt, *texts([pair])) for pair in found}) == len(found)
    assert found == pairs(samples, limit, margin, seed)


def test_without_a_limit_in_the_way_everybody_who_passed_meets_everybody_who_failed() -> None:
    samples = [passed("a"), passed("b"), failed("x"), failed("y"), failed("z")]
    assert texts(pairs(samples, 100)) == {"ax", "ay", "az", "bx", "by", "bz"}


def test_every_text_is_used_once_before_one_is_used_again() -> None:
    samples = [passed(name) for name in "abc"] + [failed(name) for name in "wxyz"]
    for seed in "12345":
        counts = Counter("".join(texts(pairs(samples, 3, seed=seed))))
        assert set(counts.values()) == {1}


def test_the_seed_draws_the_pairs() -> None:
    samples = [passed(name) for name in "abcd"] + [failed(name) for name in "wxyz"]
    drawn = {frozenset(texts(pairs(samples, 2, seed=str(seed)))) for seed in range(10)}
    assert len(drawn) > 1


def test_a_margin_lets_the_better_of_two_failures_be_chosen() -> None:
    samples = [failed("a", 0.6), failed("b", 0.5), failed("c", 0.0)]
    assert texts(pairs(samples, 9)) == set()
    assert texts(pairs(samples, 9, margin=0.5)) == {"ac", "bc"}


@pytest.mark.parametrize("again", [failed("a"), passed("a", 0.5)])
def test_a_text_that_was_judged_twice_with_two_results_is_in_no_pair(again: Rollout) -> None:
    assert pairs([passed("a"), again, failed("x", -1.0)], 9) == []


def test_what_passed_for_no_more_than_what_failed_got_is_not_chosen() -> None:
    assert pairs([passed("a", 0.5), failed("x", 0.5)], 9) == []
