"""Bad jobs: the field at fault, what is wrong with it, and the way out; the same on a call and on a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from sandbox.v1 import job_pb2, reward_pb2_grpc
from tests.server.jobs import ADD, job, refusal, scored

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub
INVALID, UNMET = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
MISSING = grpc.StatusCode.NOT_FOUND


def good() -> job_pb2.ScoreRequest:
    return job(ADD, ("1 2", "3"), ("3 4", "7"))


def change(**fields: Any) -> Callable[[job_pb2.ScoreRequest], None]:
    """Sets fields by path: `tests_1__weight=-1` is `tests[1].weight = -1`."""

    def apply(request: job_pb2.ScoreRequest) -> None:
        for path, value in fields.items():
            target: Any = request
            *parents, last = path.split("__")
            for parent in parents:
                name, _, number = parent.rpartition("_")
                target = getattr(target, name)[int(number)] if number.isdigit() else getattr(target, parent)
            if isinstance(value, list):
                getattr(target, last).extend(value)
            elif isinstance(value, dict):
                getattr(target, last).update(value)
            else:
                setattr(target, last, value)

    return apply


File = job_pb2.SourceFile
# What is changed in a good job, the field that must be named, the status, and a part of what is said.
BAD: dict[str, tuple[Callable[[job_pb2.ScoreRequest], None], str, grpc.StatusCode, str]] = {
    "a language that is misspelt": (change(program__language="pyhton"), "program.language", INVALID, "'python'"),
    "no language": (change(program__language=""), "program.language", INVALID, "'python'"),
    "a policy that is misspelt": (change(policy="defualt"), "policy", INVALID, "'default'"),
    "a scheme that is misspelt": (change(reward__scheme="pass_fial"), "reward.scheme", INVALID, "'pass_fail'"),
    "a parameter of a scheme that is misspelt": (
        change(reward__scheme="pass_plus_fraction", reward__params={"lambad": 0.5}),
        *("reward.params.lambad", INVALID, "'lambda'"),
    ),
    "a parameter that is no number": (
        change(reward__scheme="pass_plus_fraction", reward__params={"lambda": "much"}),
        *("reward.params.lambda", INVALID, ""),
    ),
    "a comparator that is misspelt": (
        change(tests_1__stdio__comparator__name="tokenz"),
        *("tests[1].stdio.comparator.name", INVALID, "'tokens'"),
    ),
    "a parameter of a comparator that is misspelt": (
        change(tests_1__stdio__comparator__name="floats", tests_1__stdio__comparator__params={"rell": 1.0}),
        *("tests[1].stdio.comparator.params.rell", INVALID, "rel"),
    ),
    "a comparator for values in a test of text": (
        change(tests_0__stdio__comparator__name="py_eq"),
        *("tests[0].stdio.comparator.name", INVALID, ""),
    ),
    "a limit that is looser than the policy's": (
        change(limits__memory_bytes=2 << 30),
        *("limits.memory_bytes", INVALID, "2147483648 is looser than the policy's 1073741824"),
    ),
    "a limit of a test that is looser than its job's": (
        change(limits__cpu_time_ms=500, tests_1__limits__cpu_time_ms=501),
        *("tests[1].limits.cpu_time_ms", INVALID, "501 is looser than"),
    ),
    "no tests": (lambda request: request.ClearField("tests"), "tests", INVALID, ""),
    "tests and a reference": (change(tests_ref="sha256:0"), "tests_ref", INVALID, ""),
    "two tests of one name": (change(tests_0__id="a", tests_1__id="a"), "tests[1].id", INVALID, "'a'"),
    "a name that is another test's number": (change(tests_0__id="1"), "tests[1].id", INVALID, "'1'"),
    "a weight below zero": (change(tests_1__weight=-1.0), "tests[1].weight", INVALID, "-1"),
    "a weight without end": (change(tests_1__weight=float("inf")), "tests[1].weight", INVALID, "inf"),
    "a weight that is no number": (change(tests_1__weight=float("nan")), "tests[1].weight", INVALID, "nan"),
    "a test of no kind": (lambda request: request.tests[1].ClearField("stdio"), "tests[1]", INVALID, "stdio"),
    "input as text and as bytes": (
        change(tests_0__stdio__stdin="1", tests_0__stdio__stdin_bytes=b"1"),
        *("tests[0].stdio.stdin", INVALID, ""),
    ),
    "output as text and as bytes": (
        change(tests_0__stdio__expected_stdout_bytes=b"1"),
        *("tests[0].stdio.expected_stdout", INVALID, ""),
    ),
    "a source and files": (change(program__files=[File(path="a.py")]), "program", INVALID, ""),
    "a main file that is not there": (
        lambda request: (
            request.program.MergeFrom(job_pb2.Program(main="mian.py", files=[File(path="main.py", text=ADD)]))
            or request.program.ClearField("source")
        ),
        *("program.main", INVALID, "'main.py'"),
    ),
    "a main file outside": (change(program__main="../main.py"), "program.main", INVALID, ""),
    "a main file with a line break": (change(program__main="a\nb.py"), "program.main", INVALID, ""),
    "an argument with a NUL": (change(program__argv=["a\0b"]), "program.argv", INVALID, "NUL"),
    "a stop rule of nobody": (change(stop=77), "stop", INVALID, "NEVER"),
    "more isolation than there is": (change(min_isolation=job_pb2.KERNEL), "min_isolation", UNMET, "NAMESPACES"),
    "a workspace that is not there": (change(workspace="home"), "workspace", MISSING, "make the folder first"),
    "a kind of test that a language has not": (
        lambda request: (change(program__language="c")(request), request.tests[1].call.SetInParent()),
        *("tests[1].call", UNMET, "stdio"),
    ),
    "a suite of no files": (
        lambda request: request.tests[1].suite.SetInParent(),
        *("tests[1].suite.files", INVALID, "files"),
    ),
    "arguments that are no JSON": (
        lambda request: request.tests[1].call.MergeFrom(
            job_pb2.CallTest(function="f", args_json="[1", expected_json="1")
        ),
        *("tests[1].call.args_json", INVALID, ""),
    ),
    "arguments that are no list": (
        lambda request: request.tests[1].call.MergeFrom(
            job_pb2.CallTest(function="f", args_json="1", expected_json="1")
        ),
        *("tests[1].call.args_json", INVALID, ""),
    ),
    "an expected value that is no JSON": (
        lambda request: request.tests[1].call.MergeFrom(job_pb2.CallTest(function="f", expected_json="{")),
        *("tests[1].call.expected_json", INVALID, ""),
    ),
    "a call of no function": (
        lambda request: request.tests[1].call.MergeFrom(job_pb2.CallTest(expected_json="1")),
        *("tests[1].call.function", INVALID, "program.entry_point"),
    ),
    "asserts without an assert": (
        lambda request: request.tests[1].asserts.MergeFrom(job_pb2.AssertsTest(code="f(1)")),
        *("tests[1].asserts.code", INVALID, ""),
    ),
    "asserts that are no Python": (
        lambda request: request.tests[1].asserts.MergeFrom(job_pb2.AssertsTest(code="assert f(1) ==")),
        *("tests[1].asserts.code", INVALID, ""),
    ),
    "asserts with a NUL": (
        lambda request: request.tests[1].asserts.MergeFrom(job_pb2.AssertsTest(code="assert f(1) == '\0'")),
        *("tests[1].asserts.code", INVALID, ""),
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_job_is_rejected_naming_its_field(rewards: Stub, what: str) -> None:
    apply, field, code, said = BAD[what]
    request = good()
    apply(request)
    status, found = refusal(rewards, request)
    assert found.field == field
    assert status == code
    assert said in found.message + found.suggestion
    assert found.message


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x.py", "a/../b.py", "a//b.py", "./a.py", "", "a/", "x" * 256 + ".py", "a\0.py", "a\n.py"],
)
def test_a_file_outside_the_work_folder_is_rejected(rewards: Stub, path: str) -> None:
    request = job("", ("1 2", "3"))
    request.program.files.add(path="main.py", text=ADD)
    request.program.files.add(path=path, text="")
    assert refusal(rewards, request)[1].field == "program.files[1].path"


@pytest.mark.parametrize(("paths", "field"), [(["a", "a"], "program.files[2].path"), (["a", "a/b"], "program.files")])
def test_files_that_stand_in_each_other_s_way_are_rejected(rewards: Stub, paths: list[str], field: str) -> None:
    request = job("", ("1 2", "3"))
    for path in ["main.py", *paths]:
        request.program.files.add(path=path, text=ADD)
    assert refusal(rewards, request)[1].field == field


def test_an_oracle_in_the_test_code_is_refused_where_only_isolated_tests_are_taken(rewards: Stub) -> None:
    request = job("def f(x):\n    return x\n", min_integrity="ISOLATED")
    request.program.entry_point = "f"
    request.tests.add(asserts=job_pb2.AssertsTest(code="for n in range(3):\n    assert f(n) == n\n"))
    status, found = refusal(rewards, request)
    assert (status, found.field) == (UNMET, "min_integrity")
    request.min_integrity = job_pb2.SPLIT
    answer = rewards.Score(request)
    assert answer.verdict.passed
    assert answer.verdict.integrity.level == job_pb2.SPLIT


@pytest.mark.parametrize("tier", ["LANDLOCK", "NAMESPACES"])
def test_isolation_that_is_asked_for_and_given_is_no_reason_to_refuse(rewards: Stub, tier: str) -> None:
    assert rewards.Score(job(ADD, ("1 2", "3"), min_isolation=tier)).verdict.passed


def test_a_rejected_job_ran_nothing_and_holds_nothing(rewards: Stub) -> None:
    # A good job after a thousand bad ones finds its place.
    bad = [job(ADD, ("1 2", "3"), id=str(number), policy="none") for number in range(1000)]
    answers = list(rewards.ScoreStream(scored(*bad, job(ADD, ("1 2", "3"), id="good")), timeout=60))
    assert len(answers) == 1001
    assert [answer.id for answer in answers if answer.WhichOneof("outcome") == "verdict"] == ["good"]
