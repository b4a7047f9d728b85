"""Tests that expect nothing, and the fingerprints of what came out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.jail.init import plain
from sandbox.judge.comparators import text_comparator
from sandbox.judge.fingerprint import of_output, of_value
from sandbox.judge.kinds import Sent, make_check
from sandbox.judge.observe import ObservedCall, ObservedOutput, error_class
from sandbox.judge.values.compare import value_comparator
from sandbox.judge.values.decode import decode
from sandbox.judge.values.keys import EqualToNothing
from sandbox.judge.values.types import Opaque
from sandbox.model.outcome import End, Ended
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2
from tests.fuzz.laws import LIMITS, PLAN, ended
from tests.jail.cells import catalog_of_python
from tests.values.test_round_trip import values

LINES, PY_EQ = text_comparator("lines"), value_comparator("py_eq")
CATALOG = catalog_of_python()
outputs = st.text("ab \n\r\t").map(str.encode)


def judged(run: Ended):
    return ObservedOutput(PLAN, LIMITS, False).judge(run)


def called(claim: str):
    return ObservedCall(PLAN, LIMITS).judge(ended(extra=claim.encode()))


def made(test: job_pb2.Test):
    runtime, policy = CATALOG.runtime("python"), CATALOG.policy("")
    request = job_pb2.ScoreRequest(program=job_pb2.Program(entry_point="f"))
    return make_check(Sent(request, runtime, policy, (), "", CATALOG), test, policy.limits, "tests[0]")


@given(outputs, outputs)
def test_outputs_have_one_fingerprint_exactly_when_lines_takes_them_for_equal(one, other):
    assert (of_output(one) == of_output(other)) == (LINES(one, other).score == 1.0)


@settings(deadline=None)
@given(values, values)
def test_values_that_compare_equal_have_one_fingerprint(one, other):
    one, other = (decode(plain.encode(value).encode()) for value in (one, other))
    try:
        same = of_value(one) == of_value(other)
    except EqualToNothing:
        return
    if PY_EQ(one, other).score == 1.0:
        assert same


@settings(deadline=None)
@given(values)
def test_a_value_that_went_through_a_jail_keeps_its_fingerprint(value):
    assert of_value(decode(plain.encode(value).encode())) == of_value(value)


SAME = [(1, 1.0), (0.5, Fraction(1, 2)), (Decimal("1.50"), 1.5), ((1, 2), [1, 2]), ([(1,)], [[1]]), (nan, nan)]
SAME += [({1, 2}, frozenset({2, 1})), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (1 + 0j, 1), (b"a", bytearray(b"a"))]
APART = [(True, 1), (0, False), ("1", 1), (None, 0), ([1, 2], [2, 1]), ([[1], 2], [1, [2]]), (b"a", "a"), ([], {})]
APART += [({1: 2}, {"1": 2}), (range(3), [0, 1, 2]), (0.1, 0.1 + 2**-56), ("", None), ({}, set())]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_values_are_the_same(one, other):
    assert of_value(one) == of_value(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_these_values_are_not_the_same(one, other):
    assert of_value(one) != of_value(other)


def test_a_text_and_an_output_of_the_same_letters_are_not_the_same():
    assert of_output(b"a") != of_value("a")


def test_what_is_no_plain_data_has_no_fingerprint():
    with pytest.raises(EqualToNothing):
        of_value([Opaque("Thing")])


def test_a_program_that_runs_to_its_end_is_accepted_whatever_it_printed():
    for stdout in (b"", b"anything", b"\0\xff"):
        result = judged(ended(stdout=stdout, stdout_size=len(stdout)))
        assert (result.stage, result.score, result.fingerprint) == (Stage.ACCEPTED, 1.0, of_output(stdout))


@pytest.mark.parametrize(
    ("run", "stage"),
    [
        (ended(exit_code=1), Stage.RUNTIME_ERROR),
        (ended(end=End.OUTPUT, stdout=b"x" * 10, stdout_size=99), Stage.OUTPUT_LIMIT),
        (ended(oom=True), Stage.MEMORY_LIMIT),
        (ended(end=End.CPU, exit_code=None, signal=9), Stage.TIME_LIMIT),
    ],
    ids=["failed", "cut off", "out of memory", "out of time"],
)
def test_a_program_that_did_not_end_well_or_was_cut_off_has_no_fingerprint(run, stage):
    result = judged(run)
    assert (result.stage, result.score, result.fingerprint) == (stage, 0.0, "")


def test_a_call_is_accepted_when_it_returns_plain_data():
    result = called("V [1, 2]\n")
    assert (result.stage, result.fingerprint) == (Stage.ACCEPTED, of_value((1.0, 2)))


@pytest.mark.parametrize(
    ("claim", "stage", "named"),
    [
        ('R ["KeyError", "x"]\n', Stage.RUNTIME_ERROR, "KeyError"),
        ("", Stage.RUNTIME_ERROR, ""),
        ("V [[[\n", Stage.WRONG_ANSWER, ""),
        ('V {"$opaque": "Thing"}\n', Stage.WRONG_ANSWER, ""),
    ],
    ids=["raised", "never returned", "no claim", "an object"],
)
def test_a_call_that_returned_nothing_plain_has_no_fingerprint(claim, stage, named):
    result = called(claim)
    assert (result.stage, result.score, result.fingerprint, result.error_class) == (stage, 0.0, "", named)


ERRORS = {
    b"Traceback ...\nValueError: no\n": "ValueError",
    b"json.decoder.JSONDecodeError: no": "json.decoder.JSONDecodeError",
    b"KeyboardInterrupt": "KeyboardInterrupt",
    b"error: no": "exit 1",
    b"": "exit 1",
    b"Not an exception: no": "exit 1",
    b"A" * 3000: "exit 1",
}


@pytest.mark.parametrize("stderr", ERRORS)
def test_the_error_class_is_what_the_last_line_names(stderr):
    assert error_class(ended(exit_code=1, stderr=stderr)) == ERRORS[stderr]


def test_the_error_class_of_a_signal_and_of_another_exit_code():
    assert error_class(ended(exit_code=None, signal=11)) == "SIGSEGV"
    assert error_class(ended(exit_code=None, signal=99)) == "signal 99"
    assert error_class(ended(exit_code=3, stderr=b"ValueError: no")) == "exit 3"


def test_only_inputs_enter_the_jail_of_an_observed_test():
    check = made(job_pb2.Test(observe=True, call=job_pb2.CallTest(args_json="[1]")))
    assert isinstance(check, ObservedCall)
    assert b"expected" not in check.plan.extra
    check = made(job_pb2.Test(observe=True, stdio=job_pb2.StdioTest(stdin="5\n")))
    assert isinstance(check, ObservedOutput)
    assert check.plan.stdin == b"5\n"


BAD = {
    "tests[0].stdio.expected_stdout": job_pb2.Test(stdio=job_pb2.StdioTest(expected_stdout="1")),
    "tests[0].stdio.accepted": job_pb2.Test(stdio=job_pb2.StdioTest(accepted=["1"])),
    "tests[0].stdio.comparator": job_pb2.Test(stdio=job_pb2.StdioTest(comparator=job_pb2.Comparator(name="lines"))),
    "tests[0].call.expected_json": job_pb2.Test(call=job_pb2.CallTest(expected_json="1")),
    "tests[0].call.args_json": job_pb2.Test(call=job_pb2.CallTest(args_json="[")),
    "tests[0].observe": job_pb2.Test(asserts=job_pb2.AssertsTest(code="assert f(1) == 2")),
}


@pytest.mark.parametrize("field", BAD)
def test_an_observed_test_that_also_expects_something_is_refused(field):
    test = job_pb2.Test(observe=True)
    test.MergeFrom(BAD[field])
    with pytest.raises(JobError) as raised:
        made(test)
    assert raised.value.field == field
