"""Why a test failed, in lines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts import Outcome, RunFolder
from sandbox.rollouts.differences import ERRORS, LINES, WIDTH, differences
from sandbox.rollouts.expected import Expected, tasks
from tests.rollouts.laws import law

RUN = RunFolder(Path(__file__).parent / "run")


def wrong(stdout: str = "", detail: str = "", status: str = "WRONG_ANSWER", stderr: str = "") -> Outcome:
    return Outcome("0", status, 0.0, detail=detail, stdout=stdout, stderr=stderr)


def stdio(output: str, given: str = "") -> Expected:
    return Expected("stdio", given, output)


def test_standard_output_is_a_unified_diff_from_shortly_before_the_first_difference() -> None:
    expected = "".join(f"{number}\n" for number in range(1, 8))
    assert differences(wrong("1\n2\n3\n4\nfive\n6\n7\n"), stdio(expected, "7\n")) == [
        '@ given "7\\n"', "@ line 3", " 3", " 4", "-5", "+five", " 6", " 7",
    ]  # fmt: skip


def test_lines_that_are_missing_are_minus_and_lines_too_many_plus() -> None:
    assert differences(wrong("2\n"), stdio("2\n10\n"))[1:] == ["@ line 1", " 2", "-10"]
    assert differences(wrong("2\n\n3"), stdio("2\n"))[1:] == ["@ line 1", " 2", "+", "+3"]


def test_without_a_difference_or_an_output_the_judge_has_the_word() -> None:
    assert differences(wrong("2\n", "no"), stdio("2\n"))[1:] == ["!no"]
    assert differences(wrong("", "the output is empty"), stdio("2\n"))[1:] == ["!the output is empty"]
    assert differences(wrong("2\n", "no"), None) == ["!no"]


def test_a_call_shows_both_values() -> None:
    expected = Expected("call", "first([7, 8])", "7")
    assert differences(wrong(detail="expected 7, got 8"), expected) == ["@ first([7, 8])", "-7", "+8"]
    assert differences(wrong(detail="at [0]: no"), expected) == ["@ first([7, 8])", "-7", "!at [0]: no"]


def test_an_error_shows_the_end_of_its_stderr() -> None:
    stderr = "".join(f"line {number}\n" for number in range(100))
    found = differences(wrong(status="RUNTIME_ERROR", detail="exit code 1", stderr=stderr), stdio("2\n"))
    assert found == ["!exit code 1", *(f"!line {number}" for number in range(100 - ERRORS, 100))]


def test_what_the_judge_says_of_a_traceback_is_not_told_twice() -> None:
    error = wrong(status="RUNTIME_ERROR", detail="exit code 1: KeyError: 1", stderr="Traceback:\nKeyError: 1\n\n")
    assert differences(error, None) == ["!Traceback:", "!KeyError: 1"]


@law
@given(st.text("ab\n\x1b"), st.text("ab\n\x1b"), st.text())
def test_lines_are_bounded_and_each_is_one(expected: str, found: str, detail: str) -> None:
    lines = differences(wrong(found, detail), stdio(expected))
    lines += differences(wrong(detail=f"expected {detail}, got {detail}"), Expected("call", detail, expected))
    assert all("\n" not in line and len(line) <= WIDTH + 1 for line in lines)
    assert len(lines) <= 2 * LINES + 20


def test_a_hostile_output_takes_no_time() -> None:
    began = time.process_time()
    for text in ("a\n" * 500_000, "a" * 5_000_000, "\n" * 500_000, "ab\nba\n" * 200_000):
        differences(wrong(f"x\n{text}"), stdio(f"y\n{text[::-1]}"))
        differences(wrong(detail="expected " * 200_000 + text), Expected("call", "f()", "1"))
    assert time.process_time() - began < 3.0


def test_expected_values_come_from_the_tasks_of_the_run() -> None:
    found = tasks(RUN)
    assert list(found["double"].tests) == ["small", "below zero", "two lines"]
    assert found["double"].tests["small"] == Expected("stdio", "2\n", "4\n", public=True)
    assert found["first"].tests["0"] == Expected("call", "first([7, 8])", "7", public=True)
    assert found["first"].tests["2"].kind == "asserts"
    assert list(tasks(RUN, {"first"})) == ["first"]


@pytest.mark.parametrize(
    "request_", ["null", "[]", '"no json"', '{"tests": 3}', '{"unknown": 1}', '"{\\"tests\\": []}"']
)
def test_a_request_that_cannot_be_read_has_no_tests(tmp_path: Path, request_: str) -> None:
    (tmp_path / "tasks.jsonl").write_text(f'{{"id": "a", "request": {request_}}}\n')
    assert tasks(RunFolder(tmp_path))["a"].tests == {}


def test_both_spellings_of_proto3_json_are_read(tmp_path: Path) -> None:
    test = (
        '{"id": "a", "request": {"tests": [{"stdio": {"expected_stdout": "1"}}, {"stdio": {"expectedStdout": "2"}}]}}\n'
    )
    (tmp_path / "tasks.jsonl").write_text(test)
    assert [each.output for each in tasks(RunFolder(tmp_path))["a"].tests.values()] == ["1", "2"]
