"""The least expected disagreement, against its definition."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.selection import Matrix, Row, alphacode, mbr
from tests.selection.matrices import matrices, matrix


def risks(found: Matrix, loss: str) -> dict[int, float]:
    """The risk of every sample, pair by pair."""
    rows = [row for row in found.rows if all(cell.passed for cell in row.examples)]
    samples = {place: row.inputs for row in rows for place in row.programs}

    def differ(one, other):
        if not any(cell.fingerprint for cell in one) or not any(cell.fingerprint for cell in other):
            return 1.0
        parts = [(a.fingerprint or a.status) != (b.fingerprint or b.status) for a, b in zip(one, other, strict=True)]
        return max(parts) if loss == "any" else sum(parts) / len(parts)

    return {place: sum(differ(cells, other) for other in samples.values()) for place, cells in samples.items()}


@given(matrices(faults=False), st.sampled_from(["any", "share"]))
def test_the_risk_of_a_program_is_the_sum_of_its_losses_with_every_sample(found, loss):
    groups = mbr(found, 1, loss).groups
    scored = {place: group.score for group in groups for place in group.programs}
    wanted = risks(found, loss)
    assert scored.keys() == wanted.keys()
    assert all(isclose(-scored[place], wanted[place], abs_tol=1e-12) for place in wanted)


@given(matrices(faults=False), st.sampled_from(["any", "share"]))
def test_no_program_has_less_risk_than_the_pick(found, loss):
    wanted = risks(found, loss)
    for place in mbr(found, 1, loss).picks:
        assert wanted[place] <= min(wanted.values()) + 1e-12


@given(matrices())
def test_with_the_loss_of_the_paper_it_is_the_largest_cluster_that_is_picked(found):
    assert mbr(found, 1).picks == alphacode(found, 1).picks


def test_with_the_share_of_inputs_a_program_between_two_camps_is_the_least_risk():
    found = matrix("aaa", "aaa", "bbb", "bbb", "aab", "abb")
    assert mbr(found, 1).picks == (0,)
    assert mbr(found, 1, "share").picks == (4,)


def test_programs_that_always_fail_agree_with_nothing():
    assert mbr(matrix("!", "!", "!", "a"), 1).picks == (3,)


def test_equal_programs_vote_as_often_as_they_were_sampled():
    assert mbr(matrix("a", "b", counts=[1, 2]), 1).picks == (1,)


def test_a_fault_is_no_disagreement():
    found = mbr(matrix("a?", "aa", "aa", "bb"), 9)
    assert [(group.programs, group.score) for group in found.groups] == [((1, 2), -1), ((3,), -2)]
    assert found.left_out == (0,)


def test_without_inputs_it_says_what_is_missing():
    with pytest.raises(JobError, match="inputs"):
        mbr(Matrix((Row((0,)),)), 1)
