"""pass@k and intervals over problems."""

from __future__ import annotations

from itertools import combinations
from math import comb, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.rollouts import bootstrap, pass_at_k

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@st.composite
def counts(draw, most=9):
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@given(counts())
def test_pass_at_k_is_the_share_of_draws_of_k_samples_that_hold_a_right_one(drawn):
    n, c, k = drawn
    draws = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == sum(map(any, draws)) / len(draws)


@given(counts(most=2000))
def test_pass_at_k_is_a_chance_and_grows_with_k_and_with_c(drawn):
    n, c, k = drawn
    chance = pass_at_k(n, c, k)
    assert 0.0 <= chance <= 1.0
    assert chance <= pass_at_k(n, min(c + 1, n), k)
    assert chance <= pass_at_k(n, c, min(k + 1, n))


def test_pass_at_one_is_the_share_that_is_right():
    assert [pass_at_k(8, c, 1) for c in range(9)] == [c / 8 for c in range(9)]


def test_a_small_pass_at_k_of_many_samples_loses_no_digit():
    assert pass_at_k(10**6, 1, 1) == 1e-6
    assert isclose(pass_at_k(10**5, 3, 2), 1 - comb(10**5 - 3, 2) / comb(10**5, 2), rel_tol=1e-9)


@pytest.mark.parametrize(("n", "c", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 5), (4, 2, 0), (0, 0, 1)])
def test_there_is_no_estimate_of_what_cannot_be(n, c, k):
    with pytest.raises(ValueError, match="it takes"):
        pass_at_k(n, c, k)


@settings(deadline=None)
@given(VALUES, st.integers(0, 99))
def test_the_interval_is_ordered_inside_the_values_and_the_same_for_the_same_seed(values, seed):
    low, high = bootstrap(values, seed=seed, rounds=50)
    assert min(values) - 1e-12 <= low <= high <= max(values) + 1e-12
    assert (low, high) == bootstrap(values, seed=seed, rounds=50)


def test_the_interval_holds_the_mean_and_shrinks_with_more_problems():
    few, many = bootstrap([0.0, 1.0] * 8, seed=1), bootstrap([0.0, 1.0] * 200, seed=1)
    assert few[0] < many[0] < 0.5 < many[1] < few[1]


def test_the_interval_is_as_wide_as_theory_says():
    low, high = bootstrap([0.0, 1.0] * 200, seed=3)
    assert isclose(high - low, 2 * 1.96 * 0.5 / 400**0.5, rel_tol=0.1)


def test_a_lower_level_is_narrower():
    values = [0.0, 0.2, 0.7, 1.0, 0.4]
    wide, narrow = bootstrap(values, seed=5), bootstrap(values, seed=5, level=0.5)
    assert wide[0] < narrow[0] <= narrow[1] < wide[1]


def test_problems_that_are_all_alike_leave_no_doubt():
    assert bootstrap([0.25] * 7, seed=0) == (0.25, 0.25)


@pytest.mark.parametrize(("values", "options"), [([], {}), ([1.0], {"rounds": 0}), ([1.0], {"level": 1.0})])
def test_there_is_no_interval_of_nothing(values, options):
    with pytest.raises(ValueError, match="an interval takes"):
        bootstrap(values, seed=0, **options)
