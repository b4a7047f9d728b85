"""Suites that are sent once."""

import asyncio

import pytest

from sandbox import AsyncClient, Job, Rejected
from sandbox.client.suites import SuiteBook
from sandbox.v1 import job_pb2
from tests.client.scripted import Scripted, running


def _job(size: int = 10) -> Job:
    return Job("1").stdio("x" * size, "y", id="a").stdio("", "", id="b")


async def test_a_suite_is_uploaded_when_the_server_does_not_know_it_and_the_job_goes_on(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        job = client.with_suite(_job())
        assert not job.request().tests
        assert (await client.score(job)).reward == 1.0
        assert (await client.score(job)).reward == 1.0
        assert server.service.uploads == 1
        (suite,) = server.service.suites.values()
        assert [test.id for test in suite.tests] == ["a", "b"]


async def test_rollouts_of_one_prompt_share_one_upload_on_a_stream(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        jobs = [client.with_suite(_job(3 << 20)) for _ in range(32)]
        assert await client.rewards(jobs) == [1.0] * 32
        assert server.service.uploads == 1
        assert client.counts.resent == 0


async def test_each_server_gets_the_suite_that_it_lacks(address):
    async with (
        running(Scripted(), address("a")) as a,
        running(Scripted(), address("b")) as b,
        AsyncClient(a.address, b.address) as client,
    ):
        ref = await client.put_suite(_job().request().tests)
        assert a.service.uploads + b.service.uploads == 1
        assert await client.rewards([Job("1", tests_ref=ref)] * 10) == [1.0] * 10
        assert (a.service.uploads, b.service.uploads) == (1, 1)


async def test_a_server_that_lost_its_suites_gets_them_again(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        job = client.with_suite(_job())
        await client.score(job)
        server.service.suites.clear()
        assert (await client.score(job)).reward == 1.0
        assert server.service.uploads == 2


async def test_a_ref_that_this_client_did_not_make_is_rejected(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected) as caught:
            await client.score(Job("1", tests_ref="sha256:0"))
        assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "tests_ref")
        with pytest.raises(Rejected, match="job 0"):
            await client.rewards([Job("1", tests_ref="sha256:0")])


async def test_a_server_that_keeps_no_suite_rejects_the_job_in_the_end(address):
    class Forgetful(Scripted):
        async def PutSuite(self, requests, context):
            answer = await super().PutSuite(requests, context)
            self.suites.clear()
            return answer

    async with running(Forgetful(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected, match="no such suite"):
            await client.score(client.with_suite(_job()))
        assert server.service.uploads == 2


async def test_a_refused_suite_is_a_rejection_of_the_job(address):
    class Small(Scripted):
        async def PutSuite(self, requests, context):
            import grpc

            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "chunk: the suite is too large")

    async with running(Small(), address()) as server, AsyncClient(server.address) as client:
        job = client.with_suite(_job())
        with pytest.raises(Rejected, match="too large"):
            await client.score(job)
        with pytest.raises(Rejected, match="too large"):
            await client.put_suite(_job().request().tests)
        outcomes = [answer.WhichOneof("outcome") async for _, answer in client.score_many([job, Job("1")])]
        assert sorted(outcomes) == ["rejected", "verdict"]


async def test_a_server_that_dies_during_an_upload_is_tried_again(address):
    begun = asyncio.Event()

    class Slow(Scripted):
        async def PutSuite(self, requests, context):
            if not begun.is_set():
                begun.set()
                await asyncio.Event().wait()
            return await super().PutSuite(requests, context)

    async with running(Slow(), address()) as server, AsyncClient(server.address) as client:
        task = asyncio.create_task(client.score(client.with_suite(_job())))
        await begun.wait()
        await server.kill()
        await server.start()
        assert (await task).reward == 1.0


def test_the_same_tests_have_the_same_ref():
    book = SuiteBook()
    assert book.add(_job().request().tests) == book.add(_job().request().tests)
    assert book.add(_job().request().tests) != book.add(_job(11).request().tests)


def test_the_least_recently_used_suite_goes_first():
    book = SuiteBook(max_bytes=250)
    first, second = book.add(_job(100).request().tests), book.add(_job(101).request().tests)
    assert book.get(first) is not None
    third = book.add(_job(102).request().tests)
    assert book.get(second) is None
    assert book.get(first) is not None
    assert book.get(third) is not None


def test_one_suite_is_kept_however_large_it_is():
    book = SuiteBook(max_bytes=1)
    assert book.get(book.add(_job().request().tests)) is not None


def test_a_job_with_a_ref_stays_as_it_is():
    job = AsyncClient().with_suite(job_pb2.ScoreRequest(tests_ref="sha256:1"))
    assert job.request().tests_ref == "sha256:1"
