"""Files of problems are read in both shapes, and what cannot be read is told by file and line."""

import gzip
import json

import pytest

from sandbox.errors import SandboxError
from sandbox.problems import load

from .rows import DATA, DOUBLE, PUBLISHED, sample, written


def test_a_row_in_the_shape_of_human_eval_becomes_a_problem_whose_answers_continue_the_prompt(tmp_path):
    (problem,) = load(written(tmp_path / "set.jsonl", DOUBLE | {"language": "python"}))
    assert (problem.id, problem.entry_point, problem.test) == ("House/double", "double", DOUBLE["test"])
    assert problem.program("    return 0\n") == DOUBLE["prompt"] + "    return 0\n"
    assert (problem.setup, problem.repaired) == ("", "")


def test_a_row_of_published_mbpp_becomes_a_problem_whose_answers_are_whole_programs(tmp_path):
    (problem,) = load(written(tmp_path / "set.jsonl", PUBLISHED))
    assert (problem.id, problem.prompt) == ("MBPP/7", PUBLISHED["text"])
    assert problem.program(problem.solution) == PUBLISHED["code"]
    assert problem.test == "assert half(4) == 2\nassert half(7) == start"
    assert problem.setup == "start = 3"


def test_the_function_under_test_is_the_last_one_that_is_both_defined_and_called(tmp_path):
    tests = ["assert half(even(3)) == 0"]
    (problem,) = load(written(tmp_path / "set.jsonl", PUBLISHED | {"test_list": tests}))
    assert problem.entry_point == "half"


def test_compressed_files_and_files_with_empty_lines_read_like_any_other(tmp_path):
    plain = written(tmp_path / "set.jsonl", DOUBLE, PUBLISHED)
    packed = tmp_path / "set.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n" + plain.read_bytes().replace(b"\n", b"\n\n")))
    assert load(packed) == load(plain)


def test_line_separators_inside_of_texts_do_not_end_a_line(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(DOUBLE | {"prompt": "x = '\u2028'"}, ensure_ascii=False))
    assert load(path)[0].prompt == "x = '\u2028'"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({**DOUBLE, "prompt": 3}, "'prompt' is not a text"),
        ({key: value for key, value in DOUBLE.items() if key != "test"}, "'test' is missing"),
        ({**PUBLISHED, "test_list": "assert half(2) == 1"}, "'test_list' is not a list of texts"),
        ({**PUBLISHED, "test_list": ["assert True"]}, "the asserts call no function that the code defines"),
        ({**PUBLISHED, "code": "def half(:"}, "invalid syntax (<unknown>, line 1)"),
    ],
)
def test_a_row_that_is_no_problem_is_told_by_its_line_and_what_is_wrong_with_it(tmp_path, row, why):
    path = written(tmp_path / "set.jsonl", DOUBLE, row)
    with pytest.raises(SandboxError) as caught:
        load(path)
    assert (caught.value.subject, caught.value.why) == (f"{path}, line 2: not a problem", why)


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        (b"", " holds no problems"),
        (b"{", ", line 1: not JSON"),
        (b"[1]\n", ", line 1: not a JSON object"),
        (b"\xff", " cannot be read"),
    ],
)
def test_a_file_that_holds_no_problems_is_told(tmp_path, data, subject):
    path = tmp_path / "set.jsonl"
    path.write_bytes(data)
    with pytest.raises(SandboxError) as caught:
        load(path)
    assert caught.value.subject == f"{path}{subject}"


@pytest.mark.parametrize("content", [None, b"not gzip"])
def test_a_file_that_cannot_be_opened_or_unpacked_is_told(tmp_path, content):
    path = tmp_path / "set.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SandboxError, match="cannot be read"):
        load(path)


def test_an_id_that_is_given_twice_is_told(tmp_path):
    path = written(tmp_path / "set.jsonl", DOUBLE, DOUBLE)
    with pytest.raises(SandboxError, match="line 2: 'House/double' is there twice"):
        load(path)


def test_the_sample_of_this_folder_holds_both_shapes():
    assert [each.continues for each in sample()].count(True) == len(load(DATA / "HumanEval.jsonl")) == 8
    assert len(sample()) == 14
