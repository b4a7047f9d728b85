"""Tasks from every shape, and what is held out."""

from __future__ import annotations

import json

import pytest

from sandbox.errors import SandboxError
from sandbox.rollouts import Rollout
from sandbox.rollouts.spans import reward_spans
from sandbox.train.tasks import read_tasks
from sandbox.v1 import job_pb2

HUMAN_EVAL = {
    "task_id": "Demo/0",
    "prompt": "import math\n\ndef double(x):\n    '''Twice x.'''\n",
    "entry_point": "double",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n",
}
MBPP = {
    "task_id": 7,
    "text": "Write a function to double a number.",
    "code": "def double(x):\n    return 2 * x",
    "test_list": ["assert double(2) == 4", "assert double(5) == 10"],
    "test_setup_code": "",
}


def written(folder, *rows) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def read(folder, row):
    other = {"id": "other", "prompt": "?", "tests": ["assert f() == 1"], "split": "held_out"}
    return read_tasks(written(folder, row, other), 0.5, 0)[0]


def test_a_humaneval_row_goes_on_from_its_prompt(tmp_path):
    task = read(tmp_path, HUMAN_EVAL)
    source = task.program("    return x + x\n\ndef other():\n    pass\n", chat=False)
    assert source == HUMAN_EVAL["prompt"] + "    return x + x\n\n"


def test_a_chat_models_function_takes_the_place_of_the_prompts(tmp_path):
    task = read(tmp_path, HUMAN_EVAL)
    source = task.program("Sure:\n```python\ndef double(x):\n    return x * 2\n```\n", chat=True)
    names: dict[str, object] = {}
    exec(source, names)
    double = names["double"]
    assert callable(double)
    assert double(4) == 8
    assert "math" in names


@pytest.mark.parametrize(("chat", "text"), [(True, "```python\nmark = 1\n```"), (False, "    mark = 1\n")])
def test_a_programs_lines_are_counted_from_the_completions_own(tmp_path, chat, text):
    task = read(tmp_path, HUMAN_EVAL)
    lines = task.program(text, chat).splitlines()
    assert lines[task.above(chat)].strip() == "mark = 1"


@pytest.mark.parametrize(
    ("completion", "judged"),
    [
        ("    return 1\n```\nThis returns one.\n", "    return 1"),
        ("    return 1\n\ndef other():\n    pass\n", "    return 1\n"),
        ("    return 1", "    return 1"),
    ],
)
def test_a_reward_of_characters_lies_where_the_judged_program_ends(tmp_path, completion, judged):
    task = read(tmp_path, HUMAN_EVAL)
    place = task.place(completion, chat=False)
    assert completion[slice(*place)] == judged
    rollout = Rollout(1, "t", "g", 0, "p", completion, reward=1.0, place=place)
    assert reward_spans(rollout)[0].end == len(judged.rstrip())


def test_the_first_assert_is_told_though_an_import_stands_before_it(tmp_path):
    row = {**MBPP, "test_list": ["import math", "assert double(2) == 4", "assert double(5) == 10"]}
    task = read(tmp_path, row)
    assert "holds of it:\nassert double(2) == 4" in task.prompt
    assert "import math" not in task.prompt


def test_a_prompt_may_hold_any_separator_of_lines(tmp_path):
    other = {"id": "b", "prompt": "q", "tests": ["assert 1"], "split": "held_out"}
    path = tmp_path / "rows.jsonl"
    prompt = "a\u2028b\u0085c"
    rows = [{"id": "a", "prompt": prompt, "tests": ["assert 1"]}, other]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert read_tasks(str(path), 0.5, 0)[0].prompt == prompt


def test_an_mbpp_row_tells_its_first_assert_and_that_alone(tmp_path):
    task = read(tmp_path, MBPP)
    assert "assert double(2) == 4" in task.prompt
    assert "double(5)" not in task.prompt
    public = [test for test in task.request.tests if test.visibility == job_pb2.PUBLIC]
    assert [test.asserts.code for test in public] == ["assert double(2) == 4"]


def test_a_right_program_never_stays_in_the_request(tmp_path):
    row = {"id": "a", "prompt": "Double.", "request": {"program": {"source": "x = 1"}, "tests": [{"stdio": {}}]}}
    task = read(tmp_path, row)
    assert (task.request.program.source, task.solution) == ("", "x = 1")
    right = task.right()
    assert right is not None
    assert right.program.source == "x = 1"


def test_what_is_held_out_does_not_depend_on_the_other_rows(tmp_path):
    rows = [{"id": f"t{n}", "prompt": f"p{n}", "tests": ["assert f() == 1"]} for n in range(60)]
    few = {task.id: task.held_out for task in read_tasks(written(tmp_path, *rows[:30]), 0.3, 0)}
    many = {task.id: task.held_out for task in read_tasks(written(tmp_path, *rows), 0.3, 0)}
    assert few == {name: many[name] for name in few}
    assert 0.1 < sum(many.values()) / len(many) < 0.5


def test_a_rows_own_split_is_kept_to(tmp_path):
    rows = [{"id": f"t{n}", "prompt": f"p{n}", "tests": ["assert 1"], "split": "train"} for n in range(9)]
    rows[4]["split"] = "held_out"
    assert [task.id for task in read_tasks(written(tmp_path, *rows), 0.9, 0) if task.held_out] == ["t4"]


def test_the_tiny_family_is_split_by_combination_and_its_first_test_is_public():
    tasks = read_tasks("tiny", 0.2, 0, train=50, held_out=10)
    assert [sum(task.held_out is side for task in tasks) for side in (False, True)] == [50, 10]
    assert [test.visibility for test in tasks[0].request.tests] == [job_pb2.PUBLIC, *[job_pb2.HIDDEN] * 3]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"id": "a", "tests": ["assert 1"]}], "line 1: prompt"),
        ([{"id": "a", "prompt": "x"}], "line 1: tests"),
        ([{"id": "a", "prompt": "x", "tests": ["assert 1"]}] * 2, "same prompt"),
        ([{"id": "a", "prompt": "x", "tests": ["assert 1"], "split": "held_out"}], "no task is to train on"),
        ([[1]], "line 1: no task"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path, rows, told):
    with pytest.raises(SandboxError, match=told):
        read_tasks(written(tmp_path, *rows), 0.5, 0)
