"""Programs in completions, and tests in the shapes that data sets have."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.tasks import job_of, program_in, program_place, task_of, text_of

PROGRAMS = {
    "print(1)\n": "print(1)\n",
    "Here:\n```python\nprint(1)\n```\nDone.": "print(1)\n",
    "```py\na\n```\nNo, rather:\n```python\nb\n```": "b\n",
    "```\nprint(1)\n```": "print(1)\n",
    "```python\nprint(1)": "print(1)",
    "<think>```python\nno\n```</think>```python\nyes\n```": "yes\n",
    "print(1)<|im_end|>\n": "print(1)",
    "print(1)</s><|endoftext|>": "print(1)",
    "```print(1)```": "print(1)",
    "": "",
    "```": "",
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_program_is_the_last_block_of_an_answer(text):
    assert program_in(text) == PROGRAMS[text]


@given(st.text("`\nab<|>/"))
def test_any_text_has_a_program_that_is_a_part_of_it(text):
    assert program_in(text) in text


def test_the_place_of_a_program_is_its_own_and_not_that_of_the_same_words_in_prose():
    text = "First x.\n```python\nx\n```\nSo x it is.</s>"
    assert program_place(text) == (text.index("x\n```"), text.index("```\nSo"))


def test_a_hostile_text_takes_no_time():
    began = time.process_time()
    for text in ("```" * 300_000, "<think>" * 100_000, "`" * 1_000_000, "<|im_end|>" * 2000, "```a\n" * 100_000):
        program_in(text)
    assert time.process_time() - began < 2.0


def test_of_messages_the_last_of_the_assistant_counts():
    messages = [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]
    assert text_of("x") == "x"
    assert text_of(messages) == "a"
    assert (
        text_of({"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})
        == "ab"
    )
    assert text_of([]) == text_of(None) == text_of([{"role": "user", "content": "b"}]) == ""


STDIO = [("2", "4"), ("3", "6")]
SHAPES = [
    {"inputs": ["2", "3"], "outputs": ["4", "6"]},
    json.dumps({"inputs": ["2", "3"], "outputs": ["4", "6"]}),
    {"inputs": '["2", "3"]', "outputs": '["4", "6"]'},
    {"tests": [{"input": "2", "output": "4"}, {"input": "3", "output": "6"}]},
    [{"stdin": "2", "expected_output": "4"}, {"stdin": ["3"], "stdout": ["6"]}],
    {"unit_tests": {"inputs": ["2", "3"], "outputs": ["4", "6"]}},
    {"ground_truth": json.dumps([{"input": "2", "output": "4"}, {"input": "3", "output": "6"}])},
    {"tests": [{"stdio": {"stdin": "2", "expectedStdout": "4"}}, {"stdio": {"stdin": "3", "expected_stdout": "6"}}]},
    [{"stdio": {"stdin": "2", "expectedStdout": "4"}}, {"stdio": {"stdin": "3", "expectedStdout": "6"}}],
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape)[:40])
def test_every_shape_of_inputs_and_outputs_is_the_same_job(shape):
    found = task_of(shape)
    assert [(test.stdio.stdin, test.stdio.expected_stdout) for test in found.tests] == STDIO


def test_calls_are_named_by_fn_name():
    found = task_of({"inputs": ["1\n[2, 3]", [4, [5]]], "outputs": ["[1]", {"a": 1}], "fn_name": "f"})
    calls = [(test.call.function, test.call.args_json, test.call.expected_json) for test in found.tests]
    assert calls == [("f", "[1, [2, 3]]", "[1]"), ("f", "[4, [5]]", '{"a": 1}')]


@pytest.mark.parametrize("shape", ["assert f(1) == 2", ["assert f(1) == 2"], {"tests": "assert f(1) == 2"}])
def test_asserts_may_be_bare(shape):
    assert [test.asserts.code for test in task_of(shape).tests] == ["assert f(1) == 2"]


def test_what_stands_beside_the_tests_is_kept():
    found = job_of(
        "x",
        {
            "tests": ["assert f(1)"],
            "setup": "import math",
            "entry_point": "f",
            "language": "cpp",
            "scheme": "fraction",
            "limits": {"cpu_time_ms": 500},
        },
        scheme="pass_fail",
    )
    assert (found.program.language, found.program.entry_point, found.program.source) == ("cpp", "f", "x")
    assert (found.reward.scheme, found.tests[0].asserts.setup, found.limits.cpu_time_ms) == (
        "fraction",
        "import math",
        500,
    )
    assert job_of("x", ["assert f(1)"]).program.language == "python"
    assert job_of("\ud800", ["assert f(1)"]).program.source == "?"


DEEP = "[" * 100_000
WRONG = [
    None,
    3,
    b"x",
    [],
    {},
    {"tests": []},
    [3],
    [{"input": "1"}],
    [{"input": 3, "output": "1"}],
    {"inputs": ["1"], "outputs": []},
    {"inputs": 1, "outputs": 2},
    {"inputs": ["x"], "outputs": ["1"], "fn_name": "f"},
    {"inputs": ["1"], "outputs": ["x"], "fn_name": "f"},
    {"tests": [{"stdio": {"stdout": 1}}]},
    {"tests": ["a"], "unknown": 1},
    {"tests": [{"stdio": {}}], "limits": {"cpu": 1}},
    {"inputs": [DEEP], "outputs": ["1"], "fn_name": "f"},
    DEEP,
]


@pytest.mark.parametrize("shape", WRONG, ids=lambda shape: str(shape)[:40])
def test_what_is_no_task_is_refused_with_a_way_out(shape):
    with pytest.raises(JobError) as caught:
        task_of(shape)
    assert caught.value.field and caught.value.suggestion


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["tests", "inputs", "outputs", "fn_name", "input", "output", "stdio", "call", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(json_like)
def test_any_json_is_a_task_or_a_bad_job(value):
    try:
        assert task_of(value).tests
    except JobError as error:
        assert error.message
