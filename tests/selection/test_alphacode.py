"""Filter, cluster, one pick of each: the laws, and a scenario with the answer planted."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.selection import Cell, Matrix, Row, alphacode
from tests.selection.matrices import FAULT, inputs_of, judged_of, matrices, matrix, permuted, with_cell


def behaviour(found: Matrix, place: int) -> tuple[str, ...]:
    row = next(row for row in found.rows if place in row.programs)
    return tuple(cell.behaviour for cell in row.inputs)


def clusters(found: Matrix, k: int = 1) -> list[tuple[int, ...]]:
    return [group.programs for group in alphacode(found, k).groups]


def test_the_largest_cluster_comes_first_and_of_two_of_one_size_the_earlier():
    found = alphacode(matrix("a", "b", "c", "b", "d", "d"), 6)
    assert [group.programs for group in found.groups] == [(1, 3), (4, 5), (0,), (2,)]
    assert [group.score for group in found.groups] == [2, 2, 1, 1]
    assert found.picks == (1, 4, 0, 2, 3, 5)


def test_programs_that_fail_an_example_take_no_part():
    found = alphacode(matrix("a", "a", "a", "b", examples=["+-", "++", "++", "++"]), 2)
    assert [group.programs for group in found.groups] == [(1, 2), (3,)]
    assert (found.picks, found.survivors) == ((1, 3), 3)


def test_equal_programs_count_as_often_as_they_were_sampled_and_are_picked_once():
    found = alphacode(matrix("a", "b", "c", counts=[3, 1, 2]), 9)
    assert [group.programs for group in found.groups] == [(0, 1, 2), (4, 5), (3,)]
    assert found.picks == (0, 4, 3)


def test_programs_must_behave_alike_at_every_input():
    assert clusters(matrix("ab", "aa", "ab")) == [(0, 2), (1,)]


def test_failures_of_one_kind_at_an_input_are_one_behaviour():
    assert clusters(matrix("a!", "a!", "ab")) == [(0, 1), (2,)]


def test_programs_that_fail_at_every_input_come_last_however_many_they_are():
    assert clusters(matrix("!!", "!!", "!!", "a!")) == [(3,), (0, 1, 2)]


def test_when_every_cluster_had_its_turn_the_largest_has_another():
    assert alphacode(matrix("a", "a", "a", "b", "b", "c"), 6).picks == (0, 3, 5, 1, 4, 2)


def test_nobody_who_passes_no_example_is_picked():
    found = alphacode(matrix("a", "a", examples=["-", "-"]), 3)
    assert (found.picks, found.groups, found.survivors) == ((), (), 0)


def test_without_inputs_it_says_what_is_missing():
    with pytest.raises(JobError) as raised:
        alphacode(Matrix((Row((0,)),)), 1)
    assert (raised.value.field, raised.value.suggestion) == ("inputs", "give inputs, or generate some")


def test_no_picks_are_no_question():
    with pytest.raises(ValueError, match="at least one"):
        alphacode(matrix("a"), 0)


def test_a_program_that_is_unknown_at_an_input_is_in_no_cluster_and_picked_last():
    found = alphacode(matrix("a?", "ab", "ab", "ac"), 9)
    assert [group.programs for group in found.groups] == [(1, 2), (3,)]
    assert (found.left_out, found.faults, found.survivors) == ((0,), 1, 4)
    assert found.picks == (1, 3, 2, 0)


def test_an_input_that_is_a_fault_for_everybody_tells_nothing():
    found = alphacode(matrix("a?", "a?", "b?"), 2)
    assert [group.programs for group in found.groups] == [(0, 1), (2,)]
    assert (found.left_out, found.faults) == ((), 3)


def test_who_survives_by_a_fault_does_not_change_what_the_others_are_told_apart_by():
    for example in "-?":
        found = alphacode(matrix("ac", "a?", "b?", "a?", examples=[example, "+", "+", "+"]), 1)
        assert (found.groups[1:], found.left_out[-3:]) == ((), (1, 2, 3))


def test_a_program_that_does_not_compile_tells_nothing_of_a_test_that_we_fail_at():
    broken = Row((3,), inputs=(Cell("COMPILE_ERROR"),) * 2)
    found = alphacode(Matrix((*matrix("a?", "a?", "b?").rows, broken)), 1)
    assert [group.programs for group in found.groups] == [(0, 1), (2,), (3,)]


def test_where_nothing_is_known_nobody_is_said_to_agree():
    found = alphacode(matrix("??", "??"), 2)
    assert (found.groups, found.left_out, found.picks) == ((), (0, 1), (0, 1))


def test_an_example_that_is_a_fault_is_no_example_that_failed():
    found = alphacode(matrix("a", "a", "a", examples=["+?", "?-", "??"]), 3)
    assert [group.programs for group in found.groups] == [(0,)]
    assert (found.left_out, found.picks) == ((2,), (0, 2))


@given(matrices(), st.data())
def test_the_order_of_the_samples_decides_between_clusters_of_one_size_and_nothing_else(found, data):
    order = data.draw(st.permutations(range(found.samples)))
    k = data.draw(st.integers(1, 5))
    mixed = permuted(found, order)
    before, after = alphacode(found, k), alphacode(mixed, k)
    # The same clusters, of the same scores.
    assert {(frozenset(group.programs), group.score) for group in before.groups} == {
        (frozenset(order[place] for place in group.programs), group.score) for group in after.groups
    }
    assert {order[place] for place in after.left_out} == set(before.left_out)
    # Of clusters that no other of their size competes with, the same are picked.
    sizes = Counter(group.score for group in before.groups)
    alone = {behaviour(found, group.programs[0]) for group in before.groups if sizes[group.score] == 1}
    turn = min(k, len(before.groups))
    picked = {behaviour(found, place) for place in before.picks[:turn]} & alone
    assert picked == {behaviour(mixed, place) for place in after.picks[:turn]} & alone


@given(matrices(faults=False), st.data())
def test_one_more_copy_of_a_program_never_lowers_the_rank_of_its_cluster(found, data):
    groups = alphacode(found, 1).groups
    if not groups:
        return
    group = data.draw(st.sampled_from(groups))
    rows = [
        Row((*row.programs, found.samples), row.examples, row.inputs, row.generated_tests)
        if row.first == group.programs[0]
        else row
        for row in found.rows
    ]
    after = alphacode(Matrix(tuple(rows)), 1).groups
    rank = next(number for number, each in enumerate(after) if group.programs[0] in each.programs)
    assert rank <= groups.index(group)


@given(matrices(), st.data())
def test_a_fault_never_changes_the_cluster_of_another_program(found, data):
    number = data.draw(st.integers(0, len(found.rows) - 1))
    part = data.draw(st.sampled_from(["examples", "inputs"]))
    cells = getattr(found.rows[number], part)
    if not cells:
        return
    broken = with_cell(found, number, part, data.draw(st.integers(0, len(cells) - 1)), FAULT)
    own = set(found.rows[number].programs)
    before, after = alphacode(found, 1).groups, alphacode(broken, 1).groups
    others = [frozenset(group.programs) - own for group in before]
    # Those that were clustered are so still, with the same companions; others may have become known.
    clustered = frozenset().union(*others)
    assert {each for each in others if each} == {
        each for group in after if (each := (frozenset(group.programs) - own) & clustered)
    }


# Programs by what they do: how many of 20, whether the examples are passed, what four inputs make of them.
PLANTED = {"right": (8, "++", "wxyz"), "passes the examples": (5, "++", "wxyq"), "other": (4, "++", "abcd")}
PLANTED |= {"wrong": (3, "+-", "wxyz")}


@given(st.permutations([name for name, (count, _, _) in PLANTED.items() for _ in range(count)]))
def test_of_twenty_programs_the_right_ones_are_picked_first_though_a_wrong_one_passes_the_examples(names):
    rows = [Row((place,), judged_of(PLANTED[name][1]), inputs_of(PLANTED[name][2])) for place, name in enumerate(names)]
    found = alphacode(Matrix(tuple(rows)), 3)
    assert [names[place] for place in found.picks] == ["right", "passes the examples", "other"]
    assert found.survivors == 17
