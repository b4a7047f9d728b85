"""A full queue: calls are told when to come back, streams are held back and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import grpc
import pytest

from sandbox.v1 import reward_pb2_grpc, verdict_pb2
from tests.jail.traces import spawner_of, until
from tests.server.jobs import ADD, SLEEP, at_once, connected, job, rejected, scored, serving_with
from tests.serving import Serving

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub


@pytest.fixture(scope="module")
def small(homes: str) -> Iterator[Serving]:
    """A server with room for four jobs."""
    with serving_with(homes, queue=4) as made:
        yield made


@pytest.fixture
def stub(small: Serving) -> Iterator[Stub]:
    with connected(small) as made:
        yield made


def test_a_call_that_finds_no_place_is_told_when_to_come_back(stub: Stub, small: Serving) -> None:
    spawner = spawner_of(small.process.pid)
    full: list[Future[verdict_pb2.ScoreResponse]] = []
    with at_once(4) as threads:
        calls = [stub.Score.future(job(SLEEP, ("", ""), id=str(number))) for number in range(4)]
        until(lambda: len(spawner.candidates()) == 2, why="two programs that run")
        # The other two wait; whether they have arrived shows in the refusal itself.
        error = until(lambda: refused(stub), why="a full queue")
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        metadata = dict(error.trailing_metadata())
        assert 0 < int(metadata["retry-after-ms"]) <= 5000
        assert rejected(error).retry_after_ms == int(metadata["retry-after-ms"])
        assert "4" in error.details()
        for call in calls:
            call.cancel()
        full = [threads.submit(answered, stub) for _ in range(4)]
    assert [each.result().verdict.passed for each in full] == [True] * 4


def refused(stub: Stub) -> grpc.RpcError | None:
    try:
        stub.Score(job(ADD, ("1 2", "3"), timeout_ms=100), timeout=30)
    except grpc.RpcError as error:
        return error if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED else None
    return None


def answered(stub: Stub) -> verdict_pb2.ScoreResponse:
    """The answer of a call that comes back as it is told to."""
    return until(lambda: accepted(stub), why="a place")


def accepted(stub: Stub) -> verdict_pb2.ScoreResponse | None:
    try:
        return stub.Score(job(ADD, ("1 2", "3")), timeout=30)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        return None


def test_a_stream_with_more_jobs_than_places_gets_every_answer(stub: Stub) -> None:
    jobs = [job(ADD, (f"{number} 1", str(number + 1)), id=str(number)) for number in range(100)]
    answers = list(stub.ScoreStream(scored(*jobs), timeout=60))
    assert {answer.id for answer in answers} == {str(number) for number in range(100)}
    assert all(answer.verdict.passed for answer in answers)


def test_two_streams_share_the_places(stub: Stub) -> None:
    def run(_: int) -> int:
        jobs = [job(ADD, ("1 2", "3"), id=str(number)) for number in range(50)]
        return sum(answer.verdict.passed for answer in stub.ScoreStream(scored(*jobs), timeout=60))

    with at_once(2) as threads:
        assert list(threads.map(run, range(2))) == [50, 50]


def test_a_call_finds_a_place_again_after_a_stream_was_broken_off(stub: Stub, small: Serving) -> None:
    spawner = spawner_of(small.process.pid)
    for _ in range(5):
        call = stub.ScoreStream(scored(*(job(SLEEP, ("", ""), id=str(number)) for number in range(20))))
        until(spawner.candidates, why="a program")
        call.cancel()
        until(lambda: not spawner.candidates(), why="its end")
    assert until(lambda: accepted(stub), seconds=5, why="a place").verdict.passed
