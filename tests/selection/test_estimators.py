"""n@k."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.selection import n_at_k, solved

outcomes = st.lists(st.sampled_from([True, False, None]), max_size=5)


def test_a_problem_is_solved_by_any_of_its_first_submissions():
    assert solved([False, True], 2) is True
    assert solved([False, True], 1) is False
    assert solved([], 3) is False


def test_a_fault_decides_nothing_unless_another_submission_is_right():
    assert solved([None, False], 2) is None
    assert solved([None, True], 2) is True
    assert solved([False, None], 1) is False


def test_it_is_the_share_of_problems_that_are_solved_and_leaves_out_those_that_are_not_decided():
    assert n_at_k([[True], [False], [False, True], [None]], 1) == 1 / 3
    assert n_at_k([[True], [False], [False, True], [None]], 2) == 2 / 3


def test_of_nothing_that_is_decided_there_is_no_share():
    with pytest.raises(ValueError, match="no problem"):
        n_at_k([[None]], 1)


@given(outcomes, st.integers(0, 5))
def test_one_more_submission_never_unsolves_a_problem(submissions, n):
    if solved(submissions, n):
        assert solved(submissions, n + 1)
