"""The service by itself, with a pipeline that ends jobs when the test says so: races that no client can bring about."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.server.stream import Stream
from sandbox.v1 import reward_pb2, verdict_pb2
from tests.server.fakes import Gate, answers_of, codes, service, spin, stream_of
from tests.server.jobs import job

Request = reward_pb2.StreamRequest


def wants(job_id: str) -> Request:
    return Request(score=job("", ("", ""), id=job_id))


def cancels(job_id: str) -> Request:
    return Request(cancel=reward_pb2.Cancel(id=job_id))


async def test_every_job_of_a_stream_is_answered():
    gate = Gate()
    gate.open.set()
    found = await answers_of(service(gate), stream_of(*(wants(str(number)) for number in range(100))))
    assert sorted(int(answer.id) for answer in found) == list(range(100))


async def test_a_cancel_that_is_read_together_with_its_job_is_answered_and_the_stream_ends():
    served = service(Gate())
    assert codes(await answers_of(served, stream_of(wants("a"), cancels("a")), seconds=1)) == {"a": "CANCELLED"}
    assert served._admission.flying == 0


async def test_a_client_that_hangs_up_in_the_moment_of_a_job_takes_no_place_with_it():
    served = service(Gate())
    stream = Stream(served.answer, served._admission)
    reading = asyncio.create_task(stream.read(stream_of(wants("a"))))
    while not stream._tasks:
        await asyncio.sleep(0)
    reading.cancel()
    stream.cancel_all()
    await asyncio.gather(reading, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert served._admission.flying == 0


async def test_a_job_that_is_cancelled_while_it_waits_for_its_pipeline_gives_its_place_back():
    gate = Gate()
    served = service(gate)

    async def requests() -> Any:
        yield wants("a")
        await spin(lambda: gate.entered == ["a"])
        yield cancels("a")

    assert codes(await answers_of(served, requests())) == {"a": "CANCELLED"}
    assert served._admission.flying == 0


async def test_a_cancel_is_heard_while_the_queue_is_full():
    gate = Gate()
    served = service(gate, queue=1)

    async def requests() -> Any:
        yield wants("runs")
        await spin(lambda: gate.entered == ["runs"])
        yield wants("waits")
        yield cancels("runs")
        yield cancels("waits")

    assert codes(await answers_of(served, requests(), seconds=1)) == {"runs": "CANCELLED", "waits": "CANCELLED"}
    assert served._admission.flying == 0


async def test_back_pressure_holds_the_stream_and_loses_nothing():
    gate = Gate()
    served = service(gate, queue=3)
    reading = asyncio.create_task(answers_of(served, stream_of(*(wants(str(number)) for number in range(20)))))
    await spin(lambda: len(gate.entered) == 3)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(gate.entered) == 3
    gate.open.set()
    assert len(await reading) == 20
    assert served._admission.flying == 0


async def test_answers_that_nobody_reads_hold_the_stream_back():
    gate = Gate()
    gate.open.set()
    served = service(gate, queue=3)
    stream = served.ScoreStream(stream_of(*(wants(str(number)) for number in range(50))), None)  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        first = await anext(stream)
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(gate.entered) <= 3 + 2
        rest = [answer async for answer in stream]
    assert len({first.id, *(answer.id for answer in rest)}) == 50


async def test_an_id_is_free_again_once_it_is_answered():
    gate = Gate()
    gate.open.set()
    seen = []

    async def requests() -> Any:
        for number in range(3):
            yield wants("same")
            await spin(lambda: len(seen) == number + 1)  # noqa: B023

    async with asyncio.timeout(5):
        async for answer in service(gate).ScoreStream(requests(), None):  # type: ignore[arg-type]
            seen.append(answer)  # noqa: PERF401 - the generator looks at what was seen
    assert codes(seen) == {"same": "none"}
    assert len(seen) == 3


async def test_a_stream_whose_client_breaks_off_ends_its_jobs():
    gate = Gate()
    served = service(gate)

    async def requests() -> Any:
        yield wants("a")
        await spin(lambda: gate.entered == ["a"])
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, TimeoutError)):
        await answers_of(served, requests(), seconds=0.3)
    await spin(lambda: served._admission.flying == 0)


async def test_a_bug_of_ours_is_an_answer_in_place():
    class Broken:
        async def score(self, request: Any) -> verdict_pb2.ScoreResponse:
            raise ZeroDivisionError

    found = await answers_of(service(Broken()), stream_of(wants("a")))
    assert codes(found) == {"a": "fault"}


async def test_time_that_is_over_is_a_rejection_that_says_how_much_it_was():
    request = job("", ("", ""), timeout_ms=20)
    answer = await service(Gate()).answer(request)
    assert answer.rejected.code == verdict_pb2.DEADLINE_EXCEEDED
    assert "20 ms" in answer.rejected.message


async def test_the_time_of_a_job_includes_its_waiting_for_a_place():
    gate = Gate()
    served = service(gate, queue=1)

    async def requests() -> Any:
        yield wants("runs")
        await spin(lambda: gate.entered == ["runs"])
        yield Request(score=job("", ("", ""), id="late", timeout_ms=20))

    async with asyncio.timeout(2):
        answer = await anext(served.ScoreStream(requests(), None))  # type: ignore[arg-type]
    assert codes([answer]) == {"late": "DEADLINE_EXCEEDED"}
