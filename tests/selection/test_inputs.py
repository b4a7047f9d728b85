"""Inputs like those of the examples."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.judge.values.trusted import parse_json_args
from sandbox.selection import generate
from sandbox.selection.inputs import observed
from sandbox.selection.text import changed_text
from sandbox.selection.values import changed_arguments, changed_number, changed_string
from sandbox.v1 import job_pb2


def reads(stdin: str) -> job_pb2.Test:
    return job_pb2.Test(id="x", stdio=job_pb2.StdioTest(stdin=stdin, expected_stdout="secret"))


def calls(*args: object) -> job_pb2.Test:
    return job_pb2.Test(call=job_pb2.CallTest(function="f", args_json=json.dumps(args), expected_json="1"))


LISTS = [reads("3\n1 2 3\n"), reads("2\n10 20\n")]
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text("ab"), inner) | st.lists(inner).map(lambda x: {"$tuple": x})
    ),
    max_leaves=10,
)


def test_the_same_seed_gives_the_same_inputs_and_another_seed_gives_others():
    assert generate(LISTS, 20, 1) == generate(LISTS, 20, 1)
    assert generate(LISTS, 20, 1) != generate(LISTS, 20, 2)


def test_all_inputs_are_new_and_different():
    made = [test.stdio.stdin for test in generate(LISTS, 30, 0)]
    assert len(set(made)) == len(made) == 30
    assert not {"3\n1 2 3\n", "2\n10 20\n"} & set(made)


def test_nothing_of_what_is_expected_goes_into_an_input():
    for test in generate([*LISTS, calls(1, 2)], 40, 3):
        assert b"secret" not in test.SerializeToString()
        assert not (test.id or test.stdio.expected_stdout or test.call.expected_json)


def test_fewer_come_back_where_there_are_no_more():
    assert len(generate([calls(True)], 50, 0)) == 1
    assert generate([reads("")], 5, 0) == []
    assert generate([], 5, 0) == []


def test_tests_that_have_no_input_are_passed_over():
    others = [job_pb2.Test(asserts=job_pb2.AssertsTest(code="assert f(1)")), job_pb2.Test()]
    others.append(job_pb2.Test(stdio=job_pb2.StdioTest(stdin_bytes=b"\xff")))
    assert [observed(test) for test in others] == [None] * 3
    assert generate(others, 5, 0) == []


def test_calls_keep_their_function_and_the_number_of_their_arguments():
    for test in generate([calls([1, 2, 3], "ab")], 40, 5):
        assert test.call.function == "f"
        assert len(json.loads(test.call.args_json)) == 2


def test_a_number_that_says_how_long_a_line_is_goes_on_to_say_so():
    for seed in range(300):
        changed = changed_text("3\n7 8 9\n", Random(seed)).split("\n")
        if len(changed) == 3 and changed[1]:
            assert changed[0] == str(len(changed[1].split()))


def test_a_number_that_says_how_many_lines_follow_goes_on_to_say_so():
    for seed in range(300):
        lines = changed_text("2\nab\nef\n", Random(seed)).split("\n")
        assert lines[0] == str(len(lines) - 2)


def test_numbers_become_their_neighbours_their_negative_nothing_and_much():
    assert {changed_number(5, Random(seed)) for seed in range(100)} == {4, 6, 0, -5, 10**6, -(10**6)}
    assert {type(changed_number(0.5, Random(seed))) for seed in range(20)} == {float}
    assert changed_number(float("inf"), Random(0)) == 0.0
    assert changed_number(1 << 9000, Random(0)) == 0


def test_strings_become_empty_double_reversed_or_shorter():
    assert {changed_string("ab", Random(seed)) for seed in range(100)} == {"", "abab", "ba", "a", "b"}
    assert {changed_string("", Random(seed)) for seed in range(20)} == {""}


def test_lists_become_shorter_double_or_another_order():
    found = {changed_arguments('[["a", "b"]]', Random(seed)) for seed in range(300)}
    assert {'[["a"]]', '[["b"]]', '[["b", "a"]]', '[["a", "b", "a", "b"]]'} <= found


def test_bodies_of_tags_that_are_no_lists_stay_as_they_are():
    text = '[{"$bytes": "aGk="}, {"$int": "0x1f"}]'
    assert changed_arguments(text, Random(0)) == text


@pytest.mark.parametrize("text", ["[", '{"a": 1}', "[" * 100_000, ""])
def test_arguments_that_are_none_stay_as_they_are(text):
    assert changed_arguments(text, Random(0)) == text


@settings(deadline=None)
@given(st.lists(plain, max_size=3), st.integers(0, 2**32))
def test_changed_arguments_are_arguments(args, seed):
    text = json.dumps(args)
    changed = changed_arguments(text, Random(seed))
    assert len(parse_json_args(changed)) == len(args)


@given(st.text("0123456789-. \nab"), st.integers(0, 2**32))
def test_any_text_can_be_changed(text, seed):
    assert isinstance(changed_text(text, Random(seed)), str)
