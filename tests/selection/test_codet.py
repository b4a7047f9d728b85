"""Consensus sets of programs and generated tests, against their definition."""

from __future__ import annotations

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.selection import Matrix, Row, codet
from tests.selection.matrices import FAULT, agreement, matrices, with_cell


def enumerated(matrix: Matrix) -> dict[int, tuple[int, int]]:
    """|S_x| and |S_y| for every sample, by walking over all pairs of samples and tests."""
    known = [row for row in matrix.rows if all(cell.passed for cell in row.examples)]
    samples = {place: row for row in known for place in row.programs}
    passed = {
        place: {test for test, cell in enumerate(row.generated_tests) if cell.passed} for place, row in samples.items()
    }
    return {place: (sum(passed[other] == passed[place] for other in samples), len(passed[place])) for place in samples}


@given(matrices(faults=False), st.sampled_from(["product", "sqrt"]))
def test_scores_are_those_of_an_enumeration_of_all_pairs(matrix, score):
    found = codet(matrix, 1, score)
    scores = {place: group.score for group in found.groups for place in group.programs}
    wanted = enumerated(matrix)
    assert scores.keys() == wanted.keys()
    for place, (programs, tests) in wanted.items():
        assert isclose(scores[place], (sqrt(programs) if score == "sqrt" else programs) * tests)


@given(matrices(faults=False))
def test_the_sets_are_ordered_by_score_and_one_program_of_each_is_picked(matrix):
    found = codet(matrix, len(matrix.rows))
    assert [group.score for group in found.groups] == sorted((group.score for group in found.groups), reverse=True)
    assert found.picks[: len(found.groups)] == tuple(group.programs[0] for group in found.groups)


def test_many_programs_that_pass_few_tests_may_outweigh_few_that_pass_many_and_with_the_root_do_not():
    matrix = agreement("+---", "+---", "+---", "+---", "+---", "+---", "+---", "++++")
    assert codet(matrix, 1).picks == (0,)
    assert codet(matrix, 1, "sqrt").picks == (7,)


def test_equal_programs_and_equal_tests_count_each_time():
    found = codet(agreement("++-", "--+", counts=[1, 3]), 2)
    assert [(group.programs, group.tests, group.score) for group in found.groups] == [
        ((1, 2, 3), (2,), 3),
        ((0,), (0, 1), 2),
    ]


def test_programs_that_pass_nothing_vouch_for_nothing():
    found = codet(agreement("---", "---", "---", "+--"), 2)
    assert [(group.programs, group.score) for group in found.groups] == [((3,), 1), ((0, 1, 2), 0)]


def test_the_first_of_two_sets_of_one_score_is_that_of_the_earlier_program():
    assert codet(agreement("+-", "-+"), 1).picks == (0,)


@given(matrices(), st.data())
def test_a_fault_never_moves_another_program_to_another_set(found, data):
    number = data.draw(st.integers(0, len(found.rows) - 1))
    column = data.draw(st.integers(0, len(found.rows[number].generated_tests) - 1))
    broken = with_cell(found, number, "generated_tests", column, FAULT)
    own = set(found.rows[number].programs)
    others = [frozenset(group.programs) - own for group in codet(found, 1).groups]
    clustered = frozenset().union(*others)
    assert {each for each in others if each} == {
        each for group in codet(broken, 1).groups if (each := (frozenset(group.programs) - own) & clustered)
    }


def test_a_fault_is_no_test_that_failed():
    found = codet(agreement("+?", "++", "+-"), 3)
    assert [group.programs for group in found.groups] == [(1,), (2,)]
    assert (found.left_out, found.picks, found.faults) == ((0,), (1, 2, 0), 1)


def test_a_test_that_is_a_fault_for_everybody_tells_nothing():
    found = codet(agreement("?+", "?+", "?-"), 1)
    assert [(group.programs, group.tests) for group in found.groups] == [((0, 1), (1,)), ((2,), ())]


def test_without_generated_tests_it_says_what_is_missing():
    with pytest.raises(JobError) as raised:
        codet(Matrix((Row((0,)),)), 1)
    assert raised.value.field == "generated_tests"
