"""The corpus itself: that every case can be read, that all that matters is covered, and that mismatches are seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sandbox.v1 import job_pb2, verdict_pb2

from .corpus import FOLDER, RUNTIMES, Case, CaseError, all_cases, load, mismatches
from .expecting import Expect

COMPARATORS = {
    *("exact", "exact_trim_nl", "strip", "lines", "tokens", "tokens_lines", "tokens_sepclass", "space_exact"),
    *("floats", "ints", "bigint", "yesno", "bool_fold", "unordered", "cases", "any_of", "lcb", "lcb_tol"),
    *("line_fraction", "line_points", "prefix_fraction", "token_fraction"),
    *("py_eq", "python_eq", "evalplus", "approx", "set_eq", "multiset_eq", "sorted_eq", "not_none", "raises"),
}
KINDS = {"stdio", "call", "asserts", "checker", "interactive"}
SCHEMES = {"pass_fail", "fraction", "coderl", "rltf_adaptive", "ioi_groups", "pass_plus_fraction"}

CASE = """
why = "Adds."
language = "python"
[[tests]]
stdio = { stdin = "1 2", expected_stdout = "3" }
[expect]
status = "ACCEPTED"
passed = true
"""


@cache
def cases() -> list[Case]:
    return all_cases()


def folder_with(path: Path, text: str, *, source: str | None = "print(3)\n") -> Path:
    folder = path / "python_example"
    folder.mkdir()
    (folder / "case.toml").write_text(text, encoding="utf-8")
    if source is not None:
        (folder / "main.py").write_text(source, encoding="utf-8")
    return folder


def perfect_answer(case: Case) -> verdict_pb2.ScoreResponse:
    """The answer that the case asks for, the first alternative where there are several."""
    expect = case.expect
    if expect.rejected_field:
        rejected = verdict_pb2.Rejected(field=expect.rejected_field[0], message="no")
        return verdict_pb2.ScoreResponse(id=case.name, rejected=rejected)
    if expect.fault:
        fault = verdict_pb2.Fault(kind=expect.fault[0], message=expect.fault_contains or "")
        return verdict_pb2.ScoreResponse(id=case.name, fault=fault)
    status = expect.status[0]
    verdict = verdict_pb2.Verdict(status=status, passed=bool(expect.passed), reward=expect.reward or 0.0)
    verdict.build.messages = expect.build_contains or ""
    verdict.integrity.alarms.extend(expect.alarms or ())
    for number in range(len(case.job["tests"])):
        test = verdict.tests.add(status=status if expect.tests is None else expect.tests[number][0])
        if expect.scores is not None:
            test.score = expect.scores[number]
    first = verdict.tests[0]
    first.signal = expect.signal or 0
    first.stdout, first.stderr = expect.stdout_contains or "", expect.stderr_contains or ""
    if expect.exit_code is not None:
        first.exit_code = expect.exit_code
    if expect.checks is not None:
        first.checks.total, first.checks.passed = expect.checks
    return verdict_pb2.ScoreResponse(id=case.name, verdict=verdict)


def comparators(case: Case) -> Iterator[str]:
    defaults = {"stdio": "lines", "call": "py_eq"}
    for test in case.job["tests"]:
        for kind in defaults.keys() & test.keys():
            yield test[kind].get("comparator", {}).get("name", defaults[kind])


# The cases as they are


def test_every_folder_is_a_case_that_loads() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {case.name for case in cases()} == folders
    assert len(cases()) >= 110


def test_names_say_the_language() -> None:
    for case in cases():
        prefix = case.name.split("_")[0]
        assert prefix in RUNTIMES, case.name
        assert case.job["program"]["language"] == prefix or case.expect.rejected_field, case.name
    counts = Counter(case.name.split("_")[0] for case in cases())
    assert min(counts["c"], counts["cpp"]) >= 60


def test_every_case_has_a_source_and_a_reason() -> None:
    for case in cases():
        program = case.job["program"]
        assert program.get("source") or program.get("files"), case.name
        assert case.why.endswith("."), case.name
        assert len(case.why) <= 200, case.name
        assert "\n" not in case.why, case.name


_KINDS = {field.name for field in job_pb2.Test.DESCRIPTOR.oneofs_by_name["kind"].fields}


def test_every_test_has_a_kind() -> None:
    for case in cases():
        assert all(len(_KINDS & test.keys()) == 1 for test in case.job["tests"]), case.name


def test_ids_policies_and_feedback_are_set() -> None:
    request = next(case.request for case in cases() if case.name == "python_sum")
    assert (request.id, request.policy, request.feedback) == ("python_sum", "", job_pb2.ALL)


def test_statuses_are_covered() -> None:
    seen = {status for case in cases() for test in case.expect.tests or () for status in test}
    seen |= {status for case in cases() for status in case.expect.status}
    assert seen == set(verdict_pb2.Status.keys()) - {"STATUS_UNSPECIFIED"}


def test_limits_are_covered() -> None:
    tables = [table for case in cases() for table in (case.job, *case.job["tests"])]
    seen = {name for table in tables for name in table.get("limits", {})}
    assert seen == {field.name for field in job_pb2.Limits.DESCRIPTOR.fields}


def test_comparators_and_schemes_are_covered() -> None:
    judged = [case for case in cases() if case.expect.status]
    assert COMPARATORS - {name for case in judged for name in comparators(case)} == set()
    assert {case.job.get("reward", {}).get("scheme", "pass_fail") for case in judged} == SCHEMES


def test_large_data_are_as_large_as_they_claim() -> None:
    request = next(case.request for case in cases() if case.name == "python_echo_64mib")
    assert len(request.tests[0].stdio.stdin) == len(request.tests[0].stdio.expected_stdout) == 64 << 20


# Reading


def test_a_plain_case(tmp_path: Path) -> None:
    case = load(folder_with(tmp_path, CASE))
    assert (case.name, case.why, case.slow) == ("python_example", "Adds.", False)
    assert case.expect == Expect(status=("ACCEPTED",), passed=True)
    assert case.request.program == job_pb2.Program(language="python", source="print(3)\n")
    assert case.request.tests[0].stdio == job_pb2.StdioTest(stdin="1 2", expected_stdout="3")


def test_a_tree(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, CASE + "[job.program]\nmain = 'a.py'\n", source=None)
    (folder / "files" / "b").mkdir(parents=True)
    (folder / "files" / "a.py").write_bytes(b"import b\r\n")
    (folder / "files" / "b" / "c.bin").write_bytes(b"\xff")
    program = load(folder).request.program
    assert program.main == "a.py"
    assert list(program.files) == [
        job_pb2.SourceFile(path="a.py", text="import b\r\n"),
        job_pb2.SourceFile(path="b/c.bin", data=b"\xff"),
    ]


@pytest.mark.parametrize(
    ("key", "part", "value"),
    [
        ("stdin", '{ repeat = "ab", times = 3 }', "ababab"),
        ("stdin", '[{ text = "3:" }, { count = [1, 3], separator = "," }]', "3:1,2,3"),
        ("stdin_bytes", '[{ hex = "ff00", times = 2 }, { text = "é" }]', b"\xff\x00\xff\x00\xc3\xa9"),
        ("expected_stdout_bytes", '{ repeat = "x", times = 0 }', b""),
    ],
)
def test_generated_data(tmp_path: Path, key: str, part: str, value: str | bytes) -> None:
    text = CASE.replace('stdin = "1 2", expected_stdout = "3"', f"{key}_gen = {part}")
    assert getattr(load(folder_with(tmp_path, text)).request.tests[0].stdio, key) == value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("why", "reason", "unknown key reason"),
        ('why = "Adds."', "", "missing key 'why'"),
        ('why = "Adds."', "why = 3", "why: text is needed"),
        ("[expect]", "slow = 1\n[expect]", '"slow" at "ScoreRequest.tests'),
        ("[[tests]]", "slow = 1\n[[tests]]", "slow: true or false is needed"),
        ("passed = true", "passed = true\nsignl = 11", "unknown key expect.signl"),
        ("passed = true", "passed = false", "expect.passed"),
        ("passed = true", "passed = true\nexit_code = '0'", "expect.exit_code: a whole number is needed"),
        ("passed = true", "passed = true\nreward = nan", "expect.reward"),
        ("passed = true", "passed = true\nstderr_matches = '('", "unterminated subpattern"),
        ("passed = true", "passed = true\ntests = ['ACCEPTED', 'ACCEPTED']", "expect.tests: 2 for 1 tests"),
        ("passed = true", "passed = true\nchecks = { total = 1, right = 1 }", "unknown key expect.checks.right"),
        ("passed = true", "passed = true\nrejected_field = 'tests'", "exactly one of status, rejected_field and fault"),
        ("passed = true", "fault = 'JUDGE'", "exactly one of status, rejected_field and fault"),
        ('status = "ACCEPTED"\npassed = true', "fault = 'LUCK'", "expect.fault: no kind of fault ['LUCK']"),
        ('"ACCEPTED"', '"ACEPTED"', "expect.status: no status ACEPTED"),
        ('"ACCEPTED"', '"STATUS_UNSPECIFIED"', "no status STATUS_UNSPECIFIED"),
        ('"ACCEPTED"', "[]", "a status is needed"),
        ("expected_stdout", "expected_output", '"expected_output" at "ScoreRequest.tests[0].stdio"'),
        ("[expect]", "[job]\nlimit = { processes = 3 }\n[expect]", '"limit" at "ScoreRequest"'),
        ("[expect]", "[job]\nid = 'other'\n[expect]", "id does not belong in [job]"),
        ('stdin = "1 2"', 'stdin = "1", stdin_gen = { text = "2" }', "both stdin and stdin_gen"),
        ('stdin = "1 2"', 'stdin_gen = { repeat = "1" }', "not a part of generated data"),
        ('stdin = "1 2"', 'stdin_gen = { hex = "ff", times = 1 }', "can't decode byte 0xff"),
        ('stdin = "1 2"', "stdin = 12", "Failed to parse stdin field"),
        ("[expect]", "[expect", "Expected ']'"),
    ],
)
def test_a_mistake_is_an_error_that_names_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(CaseError) as caught:
        load(folder_with(tmp_path, CASE.replace(old, new)))
    assert "python_example/case.toml: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("extra", [None, "main.c"])
def test_a_case_has_one_source(tmp_path: Path, extra: str | None) -> None:
    folder = folder_with(tmp_path, CASE, source=None if extra is None else "print(3)\n")
    if extra is not None:
        (folder / extra).write_text("", encoding="utf-8")
    with pytest.raises(CaseError, match="one main"):
        load(folder)


# Comparing


def test_a_perfect_answer_has_no_mismatch() -> None:
    for case in cases():
        found = mismatches(case, perfect_answer(case))
        # A text that matches a pattern cannot be made from it.
        assert [sentence for sentence in found if not sentence.startswith("stderr is not")] == [], case.name


EXPECT = Expect(
    status=("WRONG_ANSWER", "RUNTIME_ERROR"),
    passed=False,
    tests=(("WRONG_ANSWER",), ("ACCEPTED",)),
    scores=(0.5, 1.0),
    reward=0.75,
    checks=(3, 2),
    signal=0,
    exit_code=1,
    stdout_contains="answer",
    stderr_contains="Traceback",
    stderr_matches=r"Traceback: line \d+\n",
    build_contains="warning",
    alarms=("one",),
)


def example() -> tuple[Case, verdict_pb2.ScoreResponse]:
    case = Case("python_example", "Shows all.", {"tests": [{}, {}]}, EXPECT)
    answer = perfect_answer(case)
    answer.verdict.tests[0].stderr = "Traceback: line 3\n"
    return case, answer


def test_the_example_is_as_expected() -> None:
    assert mismatches(*example()) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("answer.id = 'other'", "the answer is for 'other'"),
        ("verdict.status = 9", "the status is ACCEPTED, expected WRONG_ANSWER or RUNTIME_ERROR"),
        ("verdict.passed = True", "passed is True beside status WRONG_ANSWER"),
        ("verdict.reward = 0.5", "the reward is 0.5, expected 0.75"),
        ("verdict.ClearField('reward')", "a verdict without a reward"),
        ("verdict.build.messages = 'fine'", "the build's messages lack 'warning'"),
        ("verdict.integrity.alarms.append('two')", "the alarms are ['one', 'two'], expected ['one']"),
        ("del verdict.tests[1]", "1 tests are answered, 2 were sent"),
        ("verdict.tests[1].status = 4", "test 1 is TIME_LIMIT, expected ACCEPTED"),
        ("first.score = 0.25", "test 0 scores 0.25, expected 0.5"),
        ("first.signal = 9", "the signal is 9, expected 0"),
        ("first.ClearField('exit_code')", "the exit code is None, expected 1"),
        ("first.checks.passed = 3", "total and passed, is (3, 3), expected (3, 2)"),
        ("first.stdout = 'x' * 999", "stdout lacks 'answer': 'xxx"),
        ("first.stderr = 'line 3'", "stderr lacks 'Traceback': 'line 3'"),
        ("first.stderr = 'Traceback: line 3'", "stderr is not "),
        ("answer.rejected.field = 'tests'", "but the outcome is a rejection of 'tests'"),
        ("answer.fault.kind = 2", "but the outcome is a fault: STARVED"),
        ("answer.ClearField('verdict')", "but the outcome is missing"),
    ],
)
def test_every_difference_is_told(change: str, sentence: str) -> None:
    case, answer = example()
    exec(change, {"answer": answer, "verdict": answer.verdict, "first": answer.verdict.tests[0]})
    assert any(sentence in found for found in mismatches(case, answer)), mismatches(case, answer)


def test_rejections_are_compared() -> None:
    case = Case("python_example", "Shows a rejection.", {"tests": []}, Expect(rejected_field=("policy", "limits")))
    answer = perfect_answer(case)
    assert mismatches(case, answer) == []
    answer.rejected.field, answer.rejected.message = "reward", ""
    assert mismatches(case, answer) == [
        "the field at fault is 'reward', expected policy or limits",
        "the rejection has no message",
    ]
    answer.verdict.status = verdict_pb2.ACCEPTED
    assert mismatches(case, answer) == ["a rejected was expected, but the outcome is a verdict: ACCEPTED"]


def test_faults_are_compared() -> None:
    case = Case("python_example", "Shows a fault.", {"tests": []}, Expect(fault=("JUDGE",), fault_contains="exit code"))
    answer = perfect_answer(case)
    assert mismatches(case, answer) == []
    answer.fault.kind, answer.fault.message = verdict_pb2.JAIL, "a jail"
    assert mismatches(case, answer) == [
        "the fault is JAIL, expected JUDGE: 'a jail'",
        "the fault's message lacks 'exit code': 'a jail'",
    ]
    answer.verdict.status = verdict_pb2.ACCEPTED
    assert mismatches(case, answer) == ["a fault was expected, but the outcome is a verdict: ACCEPTED"]
