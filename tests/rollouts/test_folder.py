"""A run's files: what is read back, what a killed run leaves, and what is told of a line that is none."""

from __future__ import annotations

import pytest

from sandbox.errors import SandboxError
from sandbox.rollouts import Rollout, RunFolder


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path)


def test_half_a_line_of_a_killed_run_is_passed_over_and_eats_no_later_one(folder):
    folder.append("evals.jsonl", {"step": 1})
    with (folder.path / "evals.jsonl").open("a") as file:
        file.write('{"step": 2, "na')
    assert [*folder.read("evals.jsonl")] == [{"step": 1}]
    folder.append("metrics.jsonl", {"step": 1})
    folder.append("metrics.jsonl", {"step": 2})
    assert [row["step"] for row in folder.read("metrics.jsonl")] == [1, 2]
    folder.append("evals.jsonl", {"step": 3})
    assert (folder.path / "evals.jsonl").read_text().splitlines()[-1] == '{"step":3}'


@pytest.mark.parametrize("line", ["[1]", "{", '"a"', "[" * 100_000])
def test_a_line_that_is_no_object_is_told_with_its_place(folder, line):
    (folder.path / "metrics.jsonl").write_text('{"step": 1}\n' + line + "\n")
    with pytest.raises(SandboxError, match=r"metrics.jsonl, line 2"):
        [*folder.read("metrics.jsonl")]


@pytest.mark.parametrize(
    "line",
    [
        '{"step":"1","task":"t","group":"g","sample":0,"prompt":"","completion":""}',
        '{"step":1,"task":"t","group":"g","sample":0,"prompt":"","completion":"","reward":"abc"}',
        '{"step":true,"task":"t","group":"g","sample":0,"prompt":"","completion":""}',
        '{"step":1,"task":"t","group":"g","sample":0,"prompt":"","completion":"","place":[1]}',
        '{"step":1}',
        "[]",
    ],
)
def test_a_rollout_of_the_wrong_kinds_is_told_with_its_place(folder, line):
    (folder.path / "rollouts.jsonl").write_text(line + "\n")
    with pytest.raises(SandboxError, match=r"rollouts.jsonl, line 1"):
        [*folder.rollouts()]


def test_rewinding_keeps_what_was_before_and_forgets_the_last_evaluation(folder):
    for step, name in ((0, "before"), (2, "during"), (2, "after"), (4, "after")):
        folder.append("evals.jsonl", {"step": step, "name": name})
    folder.write_lines("rollouts.jsonl", [Rollout(step, "t", "g", 0, "p", "c").line() for step in (1, 2, 3)])
    folder.rewind(2)
    assert [(row["step"], row["name"]) for row in folder.read("evals.jsonl")] == [(0, "before"), (2, "during")]
    assert [each.step for each in folder.rollouts()] == [1, 2]


def test_a_run_that_begins_forgets_a_try_that_came_to_nothing(folder):
    folder.append("admission.jsonl", {"id": "a", "admitted": False})
    folder.append("evals.jsonl", {"step": 0, "name": "before"})
    folder.begin()
    assert [*folder.read("admission.jsonl"), *folder.read("evals.jsonl")] == []


def test_where_a_program_stands_survives_the_log(folder):
    folder.write_lines("rollouts.jsonl", [Rollout(1, "t", "g", 0, "p", "c", place=(0, 1)).line()])
    assert next(folder.rollouts()).place == (0, 1)
