"""Equal jobs of one group that are in flight together run once; nothing else is ever shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sandbox.judge.judged import Judged
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2, reward_pb2_grpc
from tests.jail.traces import Spawner, until
from tests.server.fakes import ENDED, FakeRunner, pipeline_with, spin
from tests.server.jobs import job, scored

Stub = reward_pb2_grpc.RewardServiceStub
PASSED = Judged(Stage.ACCEPTED, 1.0, 1, 1, ended=ENDED)


def same(job_id: str = "a", **fields: object) -> job_pb2.ScoreRequest:
    return job("print(1)", ("", "1"), **{"id": job_id, "group_id": "g", "coalesce": True, **fields})  # type: ignore[arg-type]


# What may differ between two jobs that are joined, and what may not.
JOINED: dict[str, Callable[[job_pb2.ScoreRequest], object]] = {
    "nothing": lambda request: None,
    "the id": lambda request: setattr(request, "id", "another"),
    "the time": lambda request: setattr(request, "timeout_ms", 5000),
}
APART: dict[str, Callable[[job_pb2.ScoreRequest], object]] = {
    "the group": lambda request: setattr(request, "group_id", "h"),
    "the source": lambda request: setattr(request.program, "source", "print(2)"),
    "the arguments": lambda request: request.program.argv.append("x"),
    "an input": lambda request: setattr(request.tests[0].stdio, "stdin", "x"),
    "an output": lambda request: setattr(request.tests[0].stdio, "expected_stdout", "2"),
    "a weight": lambda request: setattr(request.tests[0], "weight", 2.0),
    "the visibility": lambda request: setattr(request.tests[0], "visibility", job_pb2.PUBLIC),
    "the comparator": lambda request: setattr(request.tests[0].stdio.comparator, "name", "exact"),
    "the scheme": lambda request: setattr(request.reward, "scheme", "fraction"),
    "the policy": lambda request: setattr(request, "policy", "strict"),
    "a limit": lambda request: setattr(request.limits, "cpu_time_ms", 100),
    "the seed": lambda request: setattr(request, "seed", 1),
    "the stop rule": lambda request: setattr(request, "stop", job_pb2.FIRST_FAILURE),
    "the feedback": lambda request: setattr(request, "feedback", job_pb2.ALL),
    "the wish to be joined": lambda request: setattr(request, "coalesce", False),
    "that there is no group": lambda request: setattr(request, "group_id", ""),
}


async def runs_of_two(change: Callable[[job_pb2.ScoreRequest], object]) -> tuple[int, list[bool], list[str]]:
    """How often two jobs ran that were in flight together, whether they were joined, and their ids."""
    runner = FakeRunner(lambda _: PASSED)
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    other = same("b")
    change(other)
    tasks = [asyncio.create_task(pipeline.score(each)) for each in (same(), other)]
    await spin(lambda: runner.runs > 0)
    for _ in range(20):
        await asyncio.sleep(0)
    runner.hold.set()
    answers = await asyncio.gather(*tasks)
    return runner.runs, [each.verdict.usage.coalesced for each in answers], [each.id for each in answers]


@pytest.mark.parametrize("what", JOINED)
async def test_equal_jobs_of_a_group_run_once(what: str):
    runs, coalesced, ids = await runs_of_two(JOINED[what])
    assert (runs, coalesced) == (1, [False, True])
    assert ids == ["a", "another" if what == "the id" else "b"]


@pytest.mark.parametrize("what", APART)
async def test_jobs_that_differ_in_what_decides_run_each(what: str):
    runs, coalesced, _ = await runs_of_two(APART[what])
    assert (runs, coalesced) == (2, [False, False])


async def test_a_finished_verdict_is_not_used_again():
    runner = FakeRunner(lambda _: PASSED)
    pipeline = pipeline_with(runner)
    first, second = await pipeline.score(same()), await pipeline.score(same("b"))
    assert runner.runs == 2
    assert not first.verdict.usage.coalesced
    assert not second.verdict.usage.coalesced


async def test_who_leaves_does_not_take_the_run_from_the_others():
    runner = FakeRunner(lambda _: PASSED)
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    first, second = (asyncio.create_task(pipeline.score(same(each))) for each in "ab")
    await spin(lambda: runner.runs == 1)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    runner.hold.set()
    assert (await second).verdict.passed
    assert (runner.runs, runner.cancelled) == (1, 0)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_last_to_leave_ends_the_run():
    runner = FakeRunner(lambda _: PASSED)
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    tasks = [asyncio.create_task(pipeline.score(same(each))) for each in "abc"]
    await spin(lambda: runner.runs == 1)
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await spin(lambda: runner.cancelled == 1)


async def test_nobody_joins_a_run_that_is_being_ended():
    runner = FakeRunner(lambda _: PASSED)
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    first = asyncio.create_task(pipeline.score(same()))
    await spin(lambda: runner.runs == 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    runner.hold.set()
    answer = await asyncio.wait_for(pipeline.score(same("b")), 5)
    assert answer.verdict.passed
    assert runner.runs == 2


async def test_a_fault_is_shared_as_a_fault():
    runner = FakeRunner(lambda _: ZeroDivisionError("ours"))
    runner.hold = asyncio.Event()
    pipeline = pipeline_with(runner)
    tasks = [asyncio.create_task(pipeline.score(same(each))) for each in "ab"]
    await spin(lambda: runner.runs == 1)
    await asyncio.sleep(0)
    runner.hold.set()
    answers = await asyncio.gather(*tasks)
    assert [each.WhichOneof("outcome") for each in answers] == ["fault", "fault"]
    assert [each.id for each in answers] == ["a", "b"]


@pytest.mark.jail
def test_a_server_runs_equal_jobs_of_a_group_once(rewards: Stub, spawner: Spawner) -> None:
    # Each run draws a number of its own.
    source = (
        "import random, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCONT})\n"
        "print(random.getrandbits(64))\nsignal.sigwait({signal.SIGCONT})\n"
    )

    def drawn(*groups: str) -> list[str]:
        jobs = [
            job(source, ("", ""), id=str(number), group_id=group, coalesce=True, feedback="ALL")
            for number, group in enumerate(groups)
        ]
        call = rewards.ScoreStream(scored(*jobs), timeout=60)
        until(lambda: len(spawner.candidates()) == len(set(groups)), why="all programs")
        answers = []
        for _ in groups:
            while not (answer := next_or_none(call)):
                spawner.release()
            answers.append(answer)
        return [answer.verdict.tests[0].stdout for answer in sorted(answers, key=lambda each: int(each.id))]

    def next_or_none(call: object) -> object:
        spawner.release()
        return next(call)  # type: ignore[call-overload]

    one, two, other = drawn("g", "g", "h")
    assert one == two != other
    assert drawn("g")[0] != one
