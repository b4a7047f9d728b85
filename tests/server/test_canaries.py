"""Canaries: nothing that a program can tell from its own tests, nothing in the verdict but a count, no pay after it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from sandbox.canary import plant, take_out
from sandbox.check import MAX_CANARIES, Checked, Scheduled, check_request
from sandbox.decided import is_decided
from sandbox.errors import JobError
from sandbox.judge.alarms import CANARY_PASSED
from sandbox.judge.judged import Judged, skipped
from sandbox.judge.values.encode import encode
from sandbox.model.outcome import Ended, JailFault
from sandbox.model.plan import CellPlan
from sandbox.model.status import Stage
from sandbox.reward import Outcome, Scored, scheme, scheme_names
from sandbox.run import RunState
from sandbox.v1 import job_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.cells import catalog_of_python
from tests.server.fakes import ENDED, FakeRunner, pipeline_with
from tests.server.jobs import ECHO, job, statuses

Stub = reward_pb2_grpc.RewardServiceStub
PASSED = Judged(Stage.ACCEPTED, 1.0, 1, 1, ended=ENDED)
WRONG = Judged(Stage.WRONG_ANSWER, 0.0, 1, 0, "no", ended=ENDED)
TESTS = (("a", "a"), ("b", "b"), ("c", "c"))


def planted(request: job_pb2.ScoreRequest, seed: int = 7) -> Checked:
    checked = check_request(request, request.tests, catalog_of_python())
    return plant(checked, request.tests, Random(seed))


def calls(expected_json: str = "[1]", **fields: object) -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest(id="job", canaries=2)
    request.program.language, request.program.source, request.program.entry_point = "python", "x", "f"
    request.tests.add(call=job_pb2.CallTest(expected_json=expected_json, **fields))  # type: ignore[arg-type]
    return request


def compared(name: str, params: dict[str, object] | None = None, **call: str) -> job_pb2.ScoreRequest:
    """A job with one test under a comparator: of kind call where it has call fields, of stdio where not."""
    request = calls(**call) if call else job(ECHO, ("a", "a"), canaries=2)
    test = request.tests[0].call if call else request.tests[0].stdio
    test.comparator.name = name
    test.comparator.params.update(params or {})
    request.allow_unsafe_comparators = True
    return request


class Judging(FakeRunner):
    """Judges every test of the schedule by what a program is said to have answered to it."""

    def __init__(self, answer: Callable[[Scheduled], Ended]) -> None:
        super().__init__(lambda _: PASSED)
        self._answer = answer

    async def run(self, job: Checked, plan: CellPlan, program: bytes | None, state: RunState) -> list[Judged]:
        self.seen = [test.check.plan for test in job.tests]
        return [test.check.judge(self._answer(test)) for test in job.tests]


def echoes(test: Scheduled) -> Ended:
    return replace(ENDED, stdout=test.check.plan.stdin)


def knows_everything(test: Scheduled) -> Ended:
    """As if expected values leaked."""
    check = test.check
    if check.plan.claims:
        return replace(ENDED, extra=f"V {encode(check.expected)}\n".encode())  # type: ignore[attr-defined]
    return replace(ENDED, stdout=check.expected[0])  # type: ignore[attr-defined]


def test_a_job_that_asks_for_none_is_left_as_it_is():
    request = job(ECHO, *TESTS)
    checked = check_request(request, request.tests, catalog_of_python())
    assert plant(checked, request.tests, Random(1)) is checked


def test_a_canary_goes_into_the_jail_as_the_test_that_it_copies():
    request = job(ECHO, *TESTS, canaries=16, seed=5)
    request.tests[1].limits.cpu_time_ms = 77
    schedule = planted(request)
    own = [test.check.plan for test in schedule.tests if not test.canary]
    copies = [test.check.plan for test in schedule.tests if test.canary]
    assert len(copies) == 16
    assert all(any(copy is plan for plan in own) for copy in copies)
    assert {copy.stdin for copy in copies} == {b"a", b"b", b"c"}


def test_canaries_stand_anywhere_and_the_jobs_own_tests_keep_their_order():
    places = set()
    for seed in range(60):
        schedule = planted(job(ECHO, *TESTS, canaries=1), seed).tests
        assert [test.id for test in schedule if not test.canary] == ["0", "1", "2"]
        places.add([test.canary for test in schedule].index(True))
    assert places == {0, 1, 2, 3}


def test_every_canary_expects_a_value_of_its_own_of_128_bits():
    schedule = planted(job(ECHO, *TESTS, canaries=16))
    values = {test.check.expected for test in schedule.tests if test.canary}  # type: ignore[attr-defined]
    assert len(values) == 16
    assert all(re.fullmatch(rb"[a-p]{32}\n", value) for (value,) in values)


@pytest.mark.parametrize("number", [MAX_CANARIES + 1, 2**32 - 1])
def test_more_than_are_planted_is_a_bad_job(number: int):
    with pytest.raises(JobError, match="at most 16") as caught:
        planted(job(ECHO, *TESTS, canaries=number))
    assert caught.value.field == "canaries"


# Comparators under which an answer may pass without knowing the value, pass in part, or never pass.
UNFIT = {
    "accepts its own list": compared("any_of", {"accepted": ["a"]}),
    "pays for lines": compared("line_fraction"),
    "pays for tokens": compared("token_fraction"),
    "pays for a prefix": compared("prefix_fraction"),
    "wants integers": compared("ints"),
    "wants yes or no": compared("yesno"),
    "wants numbers only": compared("floats", {"numbers_only": True}),
    "any answer": compared("not_none", expected_json="true"),
    "an exception": compared("raises", {"type": "ValueError"}, expected_json="null"),
    "a root": compared("special", {"name": "humaneval/32"}, expected_json="[1, 2]"),
    "everything": compared("special", {"name": "mbpp/164"}, expected_json="[1, 2]"),
    "arrays": compared("np", expected_json="[1]"),
}


@pytest.mark.parametrize("request_", UNFIT.values(), ids=UNFIT)
def test_a_test_whose_comparator_does_not_compare_the_whole_is_not_copied(request_: job_pb2.ScoreRequest):
    with pytest.raises(JobError) as caught:
        planted(request_)
    assert caught.value.field == "canaries"
    assert caught.value.fix


def test_a_job_of_asserts_alone_has_no_canaries():
    request = job("def f(): ...", canaries=1)
    request.program.entry_point = "f"
    request.tests.add(asserts=job_pb2.AssertsTest(code="assert f() == 1"))
    with pytest.raises(JobError, match="no test of this job"):
        planted(request)


FIT = {
    **{name or "default": compared(name) for name in ("", "exact", "tokens", "floats", "unordered", "lcb_tol")},
    "a tolerance that holds everything": compared("floats", {"abs": 1e300}),
    **{
        f"call {name or 'default'}": compared(name, expected_json="[1]")
        for name in ("", "python_eq", "approx", "evalplus", "set_eq", "sorted_eq", "unordered", "linked_list", "tree")
    },
}


@pytest.mark.parametrize("request_", FIT.values(), ids=FIT)
async def test_who_knows_the_value_passes_and_who_gives_the_right_answer_does_not(request_: job_pb2.ScoreRequest):
    answer = await pipeline_with(Judging(knows_everything)).score(request_)
    assert answer.verdict.status == verdict_pb2.SECURITY_VIOLATION
    schedule = planted(request_)
    right = next(knows_everything(test) for test in schedule.tests if not test.canary)
    assert {test.check.judge(right).score for test in schedule.tests if test.canary} == {0.0}


async def test_an_honest_programs_verdict_counts_its_own_tests_alone():
    runner = Judging(echoes)
    answer = await pipeline_with(runner).score(job(ECHO, *TESTS, canaries=5))
    assert len(runner.seen) == 8
    verdict = answer.verdict
    assert (verdict.passed, verdict.reward, statuses(answer)) == (True, 1.0, ["ACCEPTED"] * 3)
    assert (verdict.integrity.canaries.scheduled, verdict.integrity.canaries.failed) == (5, 5)
    assert verdict.usage.cpu_ms == 3 * ENDED.cpu_ms
    assert not verdict.integrity.alarms
    bare = await pipeline_with(Judging(echoes)).score(job(ECHO, *TESTS))
    assert not bare.verdict.integrity.HasField("canaries")
    assert bare.verdict.receipt == verdict.receipt


@pytest.mark.parametrize("name", scheme_names())
async def test_after_a_breach_no_scheme_pays(name: str):
    request = job(ECHO, *TESTS, canaries=1)
    request.reward.scheme = name
    answer = await pipeline_with(Judging(knows_everything)).score(request)
    verdict = answer.verdict
    assert (verdict.passed, verdict.status) == (False, verdict_pb2.SECURITY_VIOLATION)
    assert [test.score for test in verdict.tests] == [0.0] * 3
    assert list(verdict.integrity.alarms) == [CANARY_PASSED]
    assert (verdict.integrity.canaries.scheduled, verdict.integrity.canaries.failed) == (1, 0)
    wrong = [Scored(str(number), False, 0.0, 1.0, "", Stage.WRONG_ANSWER) for number in range(3)]
    assert verdict.reward <= 0.0
    assert verdict.reward <= scheme(name)(Outcome.of(wrong)).value


def test_one_passed_canary_among_failed_ones_takes_every_score():
    schedule = planted(job(ECHO, *TESTS, canaries=3))
    results = [PASSED] * len(schedule.tests)
    canaries = [number for number, test in enumerate(schedule.tests) if test.canary]
    for number in canaries[1:]:
        results[number] = WRONG
    harvest = take_out(schedule, results)
    assert (harvest.scheduled, harvest.failed) == (3, 2)
    assert {(result.stage, result.score, result.passed) for result in harvest.results} == {
        (Stage.SECURITY_VIOLATION, 0.0, 0)
    }


def test_a_canary_that_was_not_run_was_not_scheduled():
    schedule = planted(job(ECHO, *TESTS, canaries=4))
    canaries = [number for number, test in enumerate(schedule.tests) if test.canary]
    results = [WRONG] * len(schedule.tests)
    results[canaries[-1]] = skipped(1)
    assert (take_out(schedule, results).scheduled, take_out(schedule, results).failed) == (3, 3)
    broken = [replace(WRONG, stage=Stage.COMPILE_ERROR)] * len(schedule.tests)
    assert (take_out(schedule, broken).scheduled, take_out(schedule, broken).failed) == (0, 0)


@pytest.mark.parametrize("stop", ["FIRST_FAILURE", "DECIDED"])
def test_a_failed_canary_ends_no_run(stop: str):
    schedule = planted(job(ECHO, *TESTS, canaries=2, stop=stop))
    results = [WRONG if test.canary else None for test in schedule.tests]
    assert not is_decided(schedule, results)
    own = next(number for number, test in enumerate(schedule.tests) if not test.canary)
    results[own] = WRONG
    assert is_decided(schedule, results)


async def test_a_fault_in_a_canary_is_a_fault_of_no_test_and_no_evidence():
    schedule: list[Scheduled] = []

    class Faulty(FakeRunner):
        async def run(self, job: Checked, plan: CellPlan, program: bytes | None, state: RunState) -> list[Judged]:
            schedule.extend(job.tests)
            state.results = [PASSED] * len(job.tests)
            state.failed_at = next(test.id for test in job.tests if test.canary)
            raise JailFault("broken")

    answer = await pipeline_with(Faulty(lambda _: PASSED)).score(job(ECHO, *TESTS, canaries=2))
    assert len(schedule) == 5
    assert answer.fault.test_id == ""
    assert [test.id for test in answer.fault.finished] == ["0", "1", "2"]


@pytest.mark.parametrize(("other", "runs"), [(2, 1), (3, 2)])
async def test_jobs_are_joined_only_when_they_ask_for_equally_many(other: int, runs: int):
    runner = FakeRunner(lambda _: WRONG)
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    same = {"group_id": "g", "coalesce": True}
    jobs = [job(ECHO, *TESTS, canaries=number, **same) for number in (2, other)]
    tasks = [asyncio.create_task(pipeline.score(each)) for each in jobs]
    for _ in range(20):
        await asyncio.sleep(0)
    runner.hold.set()
    await asyncio.gather(*tasks)
    assert runner.runs == runs


@pytest.mark.jail
def test_a_server_runs_canaries_beside_the_tests(rewards: Stub):
    request = job("x = input()\nprint(x if x != 'd' else 1 / 0)", *TESTS, ("d", "d"), canaries=6, stop="FIRST_FAILURE")
    request.reward.scheme = "fraction"
    verdict = rewards.Score(request).verdict
    assert verdict.reward == 0.75
    assert verdict.integrity.canaries.scheduled == verdict.integrity.canaries.failed <= 6
    request.stop = job_pb2.NEVER
    verdict = rewards.Score(request).verdict
    assert (verdict.integrity.canaries.scheduled, verdict.integrity.canaries.failed) == (6, 6)
    assert [test.id for test in verdict.tests] == ["0", "1", "2", "3"]
    request.program.source = "print("
    verdict = rewards.Score(request).verdict
    assert verdict.status == verdict_pb2.COMPILE_ERROR
    assert verdict.integrity.canaries.scheduled == 0


@pytest.mark.jail
def test_a_server_runs_canaries_of_calls(rewards: Stub):
    request = calls("[1]", args_json="[1]")
    request.program.source = "def f(x):\n    return [x]\n"
    verdict = rewards.Score(request).verdict
    assert verdict.passed
    assert (verdict.integrity.canaries.scheduled, verdict.integrity.canaries.failed) == (2, 2)
