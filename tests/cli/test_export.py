"""`sandbox export`: a run's rollouts as data sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.rollouts.spans import error_line
from tests.cli.command import Command, job, lines
from tests.cli.conftest import Here

RUN = Path(__file__).parents[1] / "rollouts" / "run"


@pytest.mark.parametrize(("kind", "count"), [("dpo", 5), ("sft", 5), ("rlhf", 23)])
def test_stdout_gets_nothing_but_rows_and_stderr_their_number(here: Here, kind: str, count: int) -> None:
    ended = here("export", RUN, "--format", kind, "--out", "-")
    assert ended.code == 0
    assert len([json.loads(line) for line in ended.out.splitlines()]) == count
    assert ended.err.startswith(f"{count} rows; left out: ")


def test_what_was_left_out_is_told(here: Here, tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    ended = here("export", RUN, "--format", "dpo", "--out", out)
    assert ended.out == b""
    assert ended.err == "5 rows; left out: groups without a pair 3, faults 1, pairs seen before 1\n"
    assert len(out.read_text().splitlines()) == 5


def test_json_tells_the_counts(here: Here, tmp_path: Path) -> None:
    ended = here("export", RUN, "--format", "rlhf", "--line-penalty", "0.3", "--out", tmp_path / "r.jsonl", "--json")
    assert ended.text == '{"format": "rlhf", "written": 23, "left_out": {"faults": 1}}\n'
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert sum(len(row["spans"]) == 2 for row in rows) == 7


def test_options_of_pairs_are_obeyed(here: Here) -> None:
    arguments = ("export", RUN, "--format", "dpo", "--out", "-", "--pairs", "1", "--within", "task", "--seed", "3")
    ended = here(*arguments)
    assert [json.loads(line)["task"] for line in ended.out.splitlines()] == ["double", "first"]
    assert here(*arguments).out == ended.out


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (["--format", "dpo", "--per-task", "1", "--out", "-"], "--per-task is of --format sft"),
        (["--format", "sft", "--out", "-", "--json"], "--json and --out - both write to stdout"),
        (["--format", "sft", "--out", RUN / "rollouts.jsonl"], "rollouts.jsonl is what is read"),
        (["--format", "sft", "--out", "/nowhere/at/all"], "cannot write /nowhere/at/all"),
        (["--format", "ppo", "--out", "-"], "'ppo' is not one of"),
    ],
)
def test_bad_usage_is_told_and_nothing_is_written(here: Here, arguments: list[object], subject: str) -> None:
    before = (RUN / "rollouts.jsonl").read_bytes()
    ended = here("export", RUN, *arguments)
    assert ended.code == 2
    assert subject in ended.err
    assert ended.out == b""
    assert (RUN / "rollouts.jsonl").read_bytes() == before


def test_a_run_without_a_row_is_told_and_no_file_is_made(here: Here, tmp_path: Path) -> None:
    lines = (RUN / "rollouts.jsonl").read_text().splitlines()
    (tmp_path / "rollouts.jsonl").write_text("".join(f"{line}\n" for line in lines if '"fault":"JAIL' in line))
    ended = here("export", tmp_path, "--format", "sft", "--out", tmp_path / "out.jsonl")
    assert ended.code == 2
    assert "why: left out: faults 1" in ended.err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_folder_that_is_no_run_is_told(here: Here, tmp_path: Path) -> None:
    ended = here("export", tmp_path, "--format", "sft", "--out", "-")
    assert ended.code == 2
    assert "holds no rollouts.jsonl" in ended.err


@pytest.mark.jail
def test_a_real_traceback_names_the_line_that_spans_look_for(sandbox: Command) -> None:
    source = "def half(n):\n    return n / 0\n\n\nprint(half(int(input())))\n"
    asked = job("a", source, {"stdio": {"stdin": "1\n", "expected_stdout": "1\n"}}, feedback="ALL")
    broken = job("b", "x = 1\ndef f(:\n    pass\n", feedback="ALL")
    answers = sandbox("score", "-", "--json", stdin=lines(asked, broken)).answers
    found = {name: error_line(answer["verdict"]["tests"][0]["stderr"]) for name, answer in answers.items()}
    assert found == {"a": 2, "b": 2}
