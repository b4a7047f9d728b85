"""Calls that run one program are one job; each caller gets what its own input gave."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.door.gather import Gatherer
from sandbox.door.refusals import Faulted
from sandbox.door.runs import Program
from sandbox.errors import JobError
from sandbox.v1 import job_pb2, verdict_pb2
from tests.door.conftest import echoes
from tests.server.fakes import spin

ONE = Program("python", (("main.py", b"1"),), "main.py")
OTHER = Program("python", (("main.py", b"2"),), "main.py")


class Pipeline:
    """Remembers the jobs, as the inputs of each."""

    def __init__(self, answer=echoes) -> None:
        self.jobs: list[job_pb2.ScoreRequest] = []
        self.answer = answer

    async def score(self, request):
        self.jobs.append(request)
        return await self.answer(request)

    @property
    def inputs(self) -> list[list[bytes]]:
        return [[test.stdio.stdin_bytes for test in job.tests] for job in self.jobs]


async def test_calls_for_one_program_are_one_job():
    pipeline = Pipeline()
    gatherer = Gatherer(pipeline.score)
    found = await asyncio.gather(*(gatherer.run(ONE, str(number).encode()) for number in range(20)))
    assert [ran.test.stdout for ran in found] == [str(number) for number in range(20)]
    assert pipeline.inputs == [[str(number).encode() for number in range(20)]]
    assert not gatherer._open


async def test_other_programs_and_other_limits_are_other_jobs():
    pipeline = Pipeline()
    gatherer = Gatherer(pipeline.score)
    slow = Program("python", ONE.files, "main.py", cpu_time_ms=500)
    await asyncio.gather(*(gatherer.run(each, b"") for each in (ONE, OTHER, slow, ONE)))
    assert sorted(map(len, pipeline.inputs)) == [1, 1, 2]


async def test_equal_inputs_are_run_as_often_as_they_are_asked():
    pipeline = Pipeline()
    gatherer = Gatherer(pipeline.score)
    await asyncio.gather(*(gatherer.run(ONE, b"x") for _ in range(3)))
    await gatherer.run(ONE, b"x")
    assert pipeline.inputs == [[b"x"] * 3, [b"x"]]


async def test_a_job_has_at_most_so_many_inputs():
    pipeline = Pipeline()
    gatherer = Gatherer(pipeline.score, most=8)
    await asyncio.gather(*(gatherer.run(ONE, b"x") for _ in range(20)))
    assert sorted(map(len, pipeline.inputs)) == [4, 8, 8]


async def test_what_a_slow_input_keeps_from_running_is_run_apart():
    async def script(request):
        answer = verdict_pb2.ScoreResponse()
        over = False
        for number, test in enumerate(request.tests):
            given = test.stdio.stdin_bytes.decode()
            status = "SKIPPED" if over else "TIME_LIMIT" if given == "slow" else "ACCEPTED"
            over = over or given == "slow"
            answer.verdict.tests.add(id=str(number), status=status, stdout=given)
        return answer

    pipeline = Pipeline(script)
    gatherer = Gatherer(pipeline.score)
    found = await asyncio.gather(*(gatherer.run(ONE, each) for each in (b"a", b"slow", b"b", b"slow")))
    statuses = [verdict_pb2.Status.Name(ran.test.status) for ran in found]
    assert statuses == ["ACCEPTED", "TIME_LIMIT", "ACCEPTED", "TIME_LIMIT"]
    assert [ran.test.stdout for ran in found] == ["a", "slow", "b", "slow"]
    assert pipeline.inputs == [[b"a", b"slow", b"b", b"slow"], [b"b"], [b"slow"]]


async def test_a_fault_is_only_for_those_that_were_not_run():
    async def script(request):
        answer = verdict_pb2.ScoreResponse()
        answer.fault.message = "no jail"
        answer.fault.finished.add(id="0", status="ACCEPTED", stdout="a")
        return answer

    gatherer = Gatherer(Pipeline(script).score)
    first, second = await asyncio.gather(gatherer.run(ONE, b"a"), gatherer.run(ONE, b"b"), return_exceptions=True)
    assert first.test.stdout == "a"
    assert isinstance(second, Faulted) and str(second) == "no jail"


async def test_a_bad_job_is_told_to_all():
    async def script(request):
        raise JobError("program.language", "is unknown")

    gatherer = Gatherer(Pipeline(script).score)
    found = await asyncio.gather(*(gatherer.run(ONE, b"") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [JobError] * 3


@pytest.mark.parametrize("begun", [False, True])
async def test_the_last_caller_to_leave_ends_the_run(begun):
    cancelled = []

    async def script(request):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(len(request.tests))
            raise

    pipeline = Pipeline(script)
    gatherer = Gatherer(pipeline.score, linger_s=0)
    calls = [asyncio.ensure_future(gatherer.run(ONE, b"")) for _ in range(2)]
    await spin(lambda: len(pipeline.jobs) == begun)
    calls[0].cancel()
    await asyncio.sleep(0)
    assert cancelled == []
    calls[1].cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await spin(lambda: cancelled == [2] * begun)
    assert not gatherer._open


async def test_who_comes_after_a_run_was_given_up_starts_anew():
    pipeline = Pipeline()
    gatherer = Gatherer(pipeline.score, linger_s=0.001)
    call = asyncio.ensure_future(gatherer.run(ONE, b"a"))
    await spin(lambda: bool(gatherer._open))
    call.cancel()
    assert (await gatherer.run(ONE, b"b")).test.stdout == "b"
    assert pipeline.inputs == [[b"b"]]
