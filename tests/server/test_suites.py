"""Suites that are sent once: named by their content, kept while they are used, let go when others need the room."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import grpc
import pytest

from sandbox.errors import JobError
from sandbox.suites import SuiteStore
from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.traces import spawner_of, until
from tests.server.jobs import ADD, chunks, connected, job, refusal, rejected, scored, serving_with, statuses
from tests.serving import Serving

Stub = reward_pb2_grpc.RewardServiceStub
MIB = 1 << 20
HOLD = (
    "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCONT})\nx = input()\n"
    "signal.sigwait({signal.SIGCONT})\nprint(len(x))\n"
)


def suite(*pairs: tuple[str, str]) -> list[job_pb2.Test]:
    return [job_pb2.Test(stdio=job_pb2.StdioTest(stdin=stdin, expected_stdout=out)) for stdin, out in pairs]


def by_reference(source: str, ref: str, **fields: object) -> job_pb2.ScoreRequest:
    request = job(source, **fields)  # type: ignore[arg-type]
    request.tests_ref = ref
    return request


# By itself


def data(size: int, mark: str = "x") -> bytes:
    return reward_pb2.Suite(tests=suite((mark * size, ""))).SerializeToString()


def test_a_suite_is_named_by_its_bytes():
    store = SuiteStore(MIB)
    ref, tests = store.put(data(10))
    assert ref == "sha256:" + hashlib.sha256(data(10)).hexdigest()
    assert tests == 1
    assert store.put(data(10)) == (ref, tests)


def test_the_least_recently_used_suite_goes_first():
    store = SuiteStore(300)
    first, second = store.put(data(100, "a"))[0], store.put(data(100, "b"))[0]
    with store.tests(by_reference("", first)):
        pass
    third = store.put(data(100, "c"))[0]
    assert known(store) == {first, third}
    assert second not in known(store)


def test_a_suite_in_use_is_not_dropped_and_can_be_dropped_afterwards():
    store = SuiteStore(250)
    first = store.put(data(100, "a"))[0]
    with store.tests(by_reference("", first)) as tests:
        store.put(data(100, "b"))
        store.put(data(100, "c"))
        assert first in known(store)
        assert len(tests) == 1
    store.put(data(100, "d"))
    store.put(data(100, "e"))
    assert first not in known(store)


def test_a_suite_is_pinned_as_often_as_it_is_used():
    store = SuiteStore(250)
    first = store.put(data(100, "a"))[0]
    with store.tests(by_reference("", first)):
        with store.tests(by_reference("", first)):
            pass
        for mark in "bcd":
            store.put(data(100, mark))
        assert first in known(store)


def test_a_suite_that_does_not_fit_beside_those_in_use_is_refused_for_now():
    store = SuiteStore(250)
    first, second = store.put(data(100, "a"))[0], store.put(data(100, "b"))[0]
    with store.tests(by_reference("", first)), store.tests(by_reference("", second)):
        with pytest.raises(JobError) as caught:
            store.put(data(100, "c"))
        assert caught.value.reject == "RESOURCE_EXHAUSTED"
    assert store.put(data(100, "c"))[0] in known(store)


@pytest.mark.parametrize("what", [b"\xff\xff", b"", reward_pb2.Suite().SerializeToString()])
def test_what_is_no_suite_is_refused(what: bytes):
    with pytest.raises(JobError) as caught:
        SuiteStore(MIB).put(what)
    assert caught.value.field == "chunk"


def test_a_suite_that_is_larger_than_the_store_is_refused_with_both_sizes():
    with pytest.raises(JobError) as caught:
        SuiteStore(100).put(data(200))
    assert str(len(data(200))) in caught.value.message
    assert "100" in caught.value.message


def known(store: SuiteStore) -> set[str]:
    return set(store._suites)


# On a server


@pytest.mark.jail
def test_a_suite_is_sent_once_and_named_by_many_jobs(rewards: Stub) -> None:
    tests = suite(("1 2", "3"), ("3 4", "7"), ("5 6", "12"))
    put = rewards.PutSuite(chunks(tests, size=7))
    assert put.tests == 3
    assert put.ref == "sha256:" + hashlib.sha256(reward_pb2.Suite(tests=tests).SerializeToString()).hexdigest()
    jobs = [by_reference(ADD, put.ref, id=str(number)) for number in range(20)]
    for answer in rewards.ScoreStream(scored(*jobs)):
        assert statuses(answer) == ["ACCEPTED", "ACCEPTED", "WRONG_ANSWER"]
        assert answer.verdict.receipt.tests == put.ref


@pytest.mark.jail
def test_an_unknown_suite_is_not_found(rewards: Stub) -> None:
    status, found = refusal(rewards, by_reference(ADD, "sha256:" + "0" * 64))
    assert status == grpc.StatusCode.NOT_FOUND
    assert found.code == verdict_pb2.NOT_FOUND
    assert found.field == "tests_ref"
    assert "PutSuite" in found.suggestion


@pytest.mark.jail
@pytest.mark.parametrize("what", [b"\xff\xff", b""])
def test_bytes_that_are_no_suite_are_an_invalid_argument(rewards: Stub, what: bytes) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        rewards.PutSuite(iter([reward_pb2.PutSuiteRequest(chunk=what)]))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert rejected(caught.value).field == "chunk"


@pytest.mark.jail
def test_a_bad_test_of_a_suite_is_named_when_it_is_used(rewards: Stub) -> None:
    tests = suite(("1 2", "3"), ("3 4", "7"))
    tests[1].weight = -1
    ref = rewards.PutSuite(chunks(tests)).ref
    assert refusal(rewards, by_reference(ADD, ref))[1].field == "tests[1].weight"


@pytest.fixture(scope="module")
def small(homes: str) -> Iterator[Serving]:
    """A server that keeps 4 MiB of suites."""
    with serving_with(homes, suite_store_bytes=4 * MIB) as made:
        yield made


@pytest.mark.jail
def test_a_suite_that_a_job_uses_is_kept_while_others_come_and_go(small: Serving) -> None:
    spawner = spawner_of(small.process.pid)
    with connected(small) as stub:
        used = stub.PutSuite(chunks(suite(*[(mark * MIB, str(MIB)) for mark in "ab"]))).ref
        running = stub.Score.future(by_reference(HOLD, used))
        until(spawner.candidates, why="the job that uses it")
        others = [stub.PutSuite(chunks(suite((str(number) * MIB, "")))).ref for number in range(6)]
        assert len(set(others)) == 6
        # In use it is there for another job, too; the oldest of the others is not.
        bad = by_reference(ADD, used, policy="none")
        assert refusal(stub, bad)[1].field == "policy" or refusal(stub, bad)[1].field == "tests_ref"
        assert refusal(stub, by_reference(ADD, others[0]))[0] == grpc.StatusCode.NOT_FOUND

        def done() -> bool:
            spawner.release()
            return running.done()

        until(done, seconds=30, why="its answer")
        assert running.result().verdict.passed


@pytest.mark.jail
def test_a_suite_larger_than_the_store_is_refused_by_the_server_and_it_goes_on(small: Serving) -> None:
    with connected(small) as stub:
        with pytest.raises(grpc.RpcError) as caught:
            stub.PutSuite(chunks(suite(("x" * 9 * MIB, ""))))
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert str(4 * MIB) in caught.value.details()
        assert stub.Score(job(ADD, ("1 2", "3"))).verdict.passed
