"""Weak programs: made of what the tests expect, valid in their language, and told of where there are none."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from sandbox.admission.expected import expected_outputs, expected_values
from sandbox.admission.literals import NoLiteral, python_source
from sandbox.admission.vectors import Role
from sandbox.admission.weak import CONSTANTS, weak_programs
from sandbox.jail.init.plain import encode
from sandbox.judge.values.decode import decode
from sandbox.v1 import job_pb2


def stdio(*outputs: str, language: str = "python") -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest()
    request.program.language = language
    for output in outputs:
        request.tests.add(stdio=job_pb2.StdioTest(expected_stdout=output))
    return request


def called(*values: Any, function: str = "f") -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest()
    request.program.language = "python"
    for value in values:
        request.tests.add(call=job_pb2.CallTest(function=function, expected_json=json.dumps(value)))
    return request


def asserted(code: str, entry_point: str = "f") -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest()
    request.program.language, request.program.entry_point = "python", entry_point
    request.tests.add(asserts=job_pb2.AssertsTest(code=code))
    return request


def source(request: job_pb2.ScoreRequest, label: str) -> str:
    (program,) = [each for each in weak_programs(request).programs if each.label == label]
    return program.source


def loaded(text: str, name: str = "main") -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(text, "weak.py", "exec"), scope)
    return scope


def printed(text: str, monkeypatch: pytest.MonkeyPatch, stdin: bytes = b"") -> bytes:
    class Stream:
        def __init__(self, data: bytes = b"") -> None:
            self.buffer = io.BytesIO(data)

    out = Stream()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stdin", Stream(stdin))
    loaded(text, "__main__")
    return out.buffer.getvalue()


def test_outputs_come_by_how_often_they_are_expected():
    tests = stdio("NO\n", "YES\n", "YES\n", "", " \n", "YES\n", "NO\n", "x").tests
    assert expected_outputs(tests) == [b"YES\n", b"NO\n", b"x"]


def test_outputs_of_bytes_count_and_long_ones_do_not():
    request = stdio("x" * 70_000)
    request.tests.add(stdio=job_pb2.StdioTest(expected_stdout_bytes=b"\xff"))
    request.tests.add(checker=job_pb2.CheckerTest(answer="7"))
    assert expected_outputs(request.tests) == [b"\xff", b"7"]


def test_values_are_equal_however_they_are_spelt_and_none_is_left_out():
    request = called([1, 2], 7, None)
    request.tests.add(call=job_pb2.CallTest(expected_json="[1,2]"))
    request.tests.add(call=job_pb2.CallTest(expected_json="oops"))
    request.tests.add(call=job_pb2.CallTest())
    assert expected_values(request.tests) == ["[1, 2]", "7"]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("assert f(1) == 2\nassert f(2) == 2\nassert 3 == f(3)", ["2", "3"]),
        ("def check(c):\n    assert c(1)\n    assert not c(2)\n    assert c(3) == True, 'why'", ["True", "False"]),
        ("assert f(1) is None\nassert f(2) == [1, (2,)]", ["[1, (2,)]"]),
        ("assert round(f(1), 2) == -0.5\nassert abs(f(1) - 3) < 1e-6\nassert f(2) == g(2)\nassert f(1) != 5", ["-0.5"]),
        ("assert 1 == 1", ["1"]),
        ("assert f(", []),
        ("(" * 500, []),
    ],
)
def test_values_of_asserts_are_the_literals_that_a_call_is_held_against(code: str, values: list[str]):
    assert expected_values(asserted(code).tests) == values


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 7, -(10**30), 1.5, 2j, "é\ud800'\n", b"\xff", bytearray(b"a"), range(1, 9, 2)),
        *([1, [2.0]], (), (1,), (1, (2,)), {1, 2}, frozenset({3}), {"a": {"b": 1}}, {1: 2, (1,): 3}),
        *(Decimal("1.50"), Fraction(1, 3), float("inf"), -float("inf")),
    ],
    ids=repr,
)
def test_a_value_becomes_source_that_means_it(value: Any):
    text = python_source(decode(encode(value).encode()))
    assert text.isascii()
    assert eval(text) == value
    assert type(eval(text)) is type(value)


def test_what_is_too_deep_or_an_array_has_no_source():
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    array = '{"$ndarray": {"dtype": "|i1", "shape": [1], "data": "AA=="}}'
    for text in (encode(deep), array):
        with pytest.raises(NoLiteral):
            python_source(decode(text.encode()))


def test_a_python_job_of_outputs_has_programs_that_print(monkeypatch: pytest.MonkeyPatch):
    request = stdio("YES\n", "YES\n", "é")
    assert [(each.role, each.label) for each in weak_programs(request).programs] == [
        (Role.NULL, "null"),
        (Role.ECHO, "echo"),
        (Role.CONSTANT, "prints 'YES'"),
        (Role.CONSTANT, "prints 'é'"),
    ]
    assert printed(source(request, "null"), monkeypatch, b"in") == b""
    assert printed(source(request, "echo"), monkeypatch, b"\xff in") == b"\xff in"
    assert printed(source(request, "prints 'é'"), monkeypatch) == "é".encode()


def test_a_python_job_of_calls_has_functions_that_return():
    request = called(7, 7, "a")
    request.tests.add(call=job_pb2.CallTest(function="Solution.solve", expected_json="7"))
    request.tests.add(call=job_pb2.CallTest(function="Solution.inner.deep", expected_json="7"))
    for label, value in (("null", None), ("echo", 5), ("returns 7", 7), ("returns 'a'", "a")):
        scope = loaded(source(request, label))
        assert scope["f"](5, 6) == scope["Solution"]().solve(5) == scope["Solution"].inner().deep(x=5) == value
    assert loaded(source(request, "echo"))["f"]() is None


def test_asserts_name_their_function_themselves_where_nobody_does():
    request = asserted("assert area(2) == 4\nassert area(3) == 9", entry_point="")
    assert loaded(source(request, "returns 4"))["area"](1) == 4


def test_a_job_of_several_kinds_gets_programs_that_answer_to_all(monkeypatch: pytest.MonkeyPatch):
    request = stdio("9")
    request.tests.extend(called(7).tests)
    assert weak_programs(request).missing == ()
    assert printed(source(request, "echo"), monkeypatch, b"in") == b"in"
    assert loaded(source(request, "echo"))["f"](3) == 3


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_compiled_languages_print_and_say_what_they_lack(language: str):
    request = stdio("1", language=language)
    assert [each.label for each in weak_programs(request).programs] == ["null", "echo", "prints '1'"]
    request.tests.add(suite=job_pb2.SuiteTest())
    assert weak_programs(request).missing == ("suite",)


def test_what_has_no_weak_programs_is_missing_and_gets_none():
    for request, missing in (
        (stdio("1", language="cobol"), "stdio"),
        (asserted("assert 1 == 1", entry_point=""), "asserts"),
        (called(1, function="not a name"), "call"),
    ):
        found = weak_programs(request)
        assert (found.programs, found.missing) == ((), (missing,))


def test_there_are_a_few_constants_however_many_answers():
    programs = weak_programs(stdio(*map(str, range(50)))).programs
    assert sum(each.role is Role.CONSTANT for each in programs) == CONSTANTS


def test_labels_stay_short():
    assert all(len(each.label) < 60 for each in weak_programs(stdio("x" * 1000)).programs)
