"""Faults of ours: never a number, never a verdict, always what did finish as evidence."""

from __future__ import annotations

import math

import pytest

from sandbox.judge.judged import Judged
from sandbox.model.outcome import BuildFault, FaultError, JailFault, JudgeFault, StarvedFault
from sandbox.model.status import Stage
from sandbox.v1 import verdict_pb2
from tests.server.fakes import ENDED, FakeRunner, pipeline_with, sequence
from tests.server.jobs import job

PASSED = Judged(Stage.ACCEPTED, 1.0, 1, 1, ended=ENDED)
WRONG = Judged(Stage.WRONG_ANSWER, 0.0, 1, 0, "no", ended=ENDED)
FAULTS = {
    "JAIL": JailFault("a jail"),
    "STARVED": StarvedFault("no CPU"),
    "JUDGE": JudgeFault("a comparator"),
    "BUILD": BuildFault("a build"),
    "INTERNAL": FaultError("something"),
}


def fields_of(message: object) -> set[str]:
    """The names of all fields, inside and out."""
    found = set()
    for field, value in message.ListFields():  # type: ignore[attr-defined]
        found.add(field.name)
        for each in value if hasattr(value, "__len__") and not isinstance(value, str | bytes) else [value]:
            if hasattr(each, "ListFields"):
                found |= fields_of(each)
    return found


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_names_its_kind_and_has_no_reward(kind: str):
    pipeline = pipeline_with(FakeRunner(sequence([PASSED, FAULTS[kind], PASSED])))
    answer = await pipeline.score(job("x", ("", ""), ("", ""), ("", "")))
    assert answer.WhichOneof("outcome") == "fault"
    assert verdict_pb2.FaultKind.Name(answer.fault.kind) == kind
    assert answer.fault.test_id == "1"
    assert answer.fault.message
    assert [test.id for test in answer.fault.finished] == ["0"]
    assert not {"reward", "components", "verdict", "passed_all"} & fields_of(answer)


async def test_a_fault_in_the_last_test_is_not_a_fraction_of_the_others():
    pipeline = pipeline_with(FakeRunner(sequence([PASSED] * 9 + [FAULTS["JAIL"]])))
    request = job("x", *[("", "")] * 10)
    request.reward.scheme = "fraction"
    answer = await pipeline.score(request)
    assert answer.WhichOneof("outcome") == "fault"
    assert len(answer.fault.finished) == 9


@pytest.mark.parametrize(
    "bug", [ZeroDivisionError("x"), RecursionError(), MemoryError(), KeyError("x"), OSError(24, "x")]
)
async def test_a_bug_of_ours_is_an_internal_fault(bug: Exception, caplog: pytest.LogCaptureFixture):
    pipeline = pipeline_with(FakeRunner(sequence([bug])))
    answer = await pipeline.score(job("x", ("", "")))
    assert answer.fault.kind == verdict_pb2.INTERNAL
    assert type(bug).__name__ in answer.fault.message
    assert caplog.records


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, 2.0, -1.0])
async def test_a_score_that_is_none_is_a_fault_of_the_judge(score: float):
    pipeline = pipeline_with(FakeRunner(sequence([Judged(Stage.WRONG_ANSWER, score, 1, 0, ended=ENDED)])))
    request = job("x", ("", ""))
    request.reward.scheme = "fraction"
    answer = await pipeline.score(request)
    assert answer.WhichOneof("outcome") == "fault", answer
    assert answer.fault.kind in (verdict_pb2.JUDGE, verdict_pb2.INTERNAL)


async def test_a_fault_shows_nothing_of_hidden_tests():
    ended = type(ENDED)(**{**{name: getattr(ENDED, name) for name in ENDED.__slots__}, "stdout": b"hidden"})
    shown = Judged(Stage.WRONG_ANSWER, 0.0, 1, 0, "hidden detail", ended=ended)
    pipeline = pipeline_with(FakeRunner(sequence([shown, FAULTS["JAIL"]])))
    answer = await pipeline.score(job("x", ("", ""), ("", "")))
    assert b"hidden" not in answer.SerializeToString()


async def test_a_program_that_is_wrong_in_everything_is_a_verdict():
    pipeline = pipeline_with(FakeRunner(sequence([WRONG])))
    answer = await pipeline.score(job("x", ("", "")))
    assert answer.verdict.reward == 0.0
    assert answer.verdict.HasField("reward")
