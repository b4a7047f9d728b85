"""Many jobs at once, against real servers whose answers the test writes."""

import asyncio
import itertools
import logging
from collections import Counter

import grpc
import pytest

from sandbox import AsyncClient, Job, Rejected, SandboxError
from tests.client.scripted import Scripted, as_told, fault, refusal, running, verdict


def _jobs(rewards) -> list[Job]:
    return [Job(str(reward), id=f"id {reward}") for reward in rewards]


def _held(release: asyncio.Event):
    """A script that answers when the test lets it."""

    async def script(request):
        await release.wait()
        return await as_told(request)

    return script


async def test_rewards_come_in_the_order_of_the_jobs(address):
    rewards = [number / 100 for number in range(100)]
    first_may_end = asyncio.Event()

    async def last_first(request):
        if request.program.source == "0.0":
            await first_may_end.wait()
        elif request.program.source == "0.99":
            first_may_end.set()
        return await as_told(request)

    async with running(Scripted(last_first), address()) as server, AsyncClient(server.address) as client:
        assert await client.rewards(_jobs(rewards)) == rewards
        assert server.service.streams == 1
        assert not server.service.by_call


async def test_answers_come_in_the_order_of_completion_with_the_jobs_own_ids(address):
    second_is_in = asyncio.Event()

    async def second_first(request):
        if request.program.source == "1":
            await second_is_in.wait()
        return await as_told(request)

    async with running(Scripted(second_first), address()) as server, AsyncClient(server.address) as client:
        order = []
        async for number, answer in client.score_many(_jobs([1, 2])):
            order.append((number, answer.id, answer.verdict.reward))
            second_is_in.set()
        assert order == [(1, "id 2", 2.0), (0, "id 1", 1.0)]


async def test_jobs_may_share_an_id(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        assert await client.rewards([Job("0.5", id="same"), Job("0.25", id="same"), Job("1")]) == [0.5, 0.25, 1.0]


async def test_faults_are_none_and_are_logged_with_their_number(address, caplog):
    async def script(request):
        return fault(request) if request.program.source == "0" else verdict(request)

    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        with caplog.at_level(logging.WARNING, "sandbox.client"):
            assert await client.rewards(_jobs([1, 0, 1, 0])) == [1.0, None, 1.0, None]
        assert "2 of 4 jobs have no reward" in caplog.text
        assert "no jail" in caplog.text
        assert client.counts.fault_share == 0.5


async def test_a_bad_job_is_raised_with_its_number_and_the_rest_is_cancelled(address):
    ended = []

    async def script(request):
        if request.program.source == "bad":
            raise refusal("INVALID_ARGUMENT", field="policy", message="'x' is not known", suggestion="default")
        try:
            return await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append(request.program.source)
            all_ended.set()
            raise

    all_ended = asyncio.Event()
    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected, match=r"job 1 \(b\): policy") as caught:
            await client.rewards([Job("good", id="a"), Job("bad", id="b")])
        assert caught.value.code == "INVALID_ARGUMENT"
        await asyncio.wait_for(all_ended.wait(), 5)
        assert ended == ["good"]


async def test_a_rejection_is_an_answer_among_others(address):
    async def script(request):
        if request.program.source == "bad":
            raise refusal("INVALID_ARGUMENT", field="policy", message="no")
        return verdict(request)

    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        outcomes = {
            number: answer.WhichOneof("outcome") async for number, answer in client.score_many(map(Job, ("bad", "1")))
        }
        assert outcomes == {0: "rejected", 1: "verdict"}


async def test_jobs_are_read_as_places_come_free(address):
    release, read = asyncio.Event(), []

    async def jobs():
        for number in itertools.count():
            read.append(number)
            yield Job("1")

    service = Scripted(_held(release))
    service.full_at = 4
    async with running(service, address()) as server, AsyncClient(server.address, window=4) as client:
        answers = client.score_many(jobs())
        first = asyncio.create_task(anext(answers))
        await asyncio.wait_for(service.full.wait(), 5)
        assert len(read) == 4
        release.set()
        await first
        await answers.aclose()
        assert service.most_in_flight == 4


async def test_leaving_the_loop_early_cancels_what_is_in_flight(address):
    cancelled = asyncio.Event()

    async def script(request):
        if request.program.source == "1":
            return verdict(request)
        try:
            return await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        answers = client.score_many(_jobs([0, 1]))
        assert (await anext(answers))[0] == 1
        await answers.aclose()
        await asyncio.wait_for(cancelled.wait(), 5)


async def test_what_the_callers_jobs_raise_is_raised_to_the_caller(address):
    def jobs():
        yield Job("1")
        raise ValueError("no more completions")

    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(ValueError, match="no more completions"):
            await client.rewards(jobs())


async def test_no_jobs_have_no_rewards(address):
    async with AsyncClient(address("nobody")) as client:
        assert await client.rewards([]) == []


async def test_a_job_that_takes_too_long_is_a_fault_and_is_cancelled_on_the_stream(address):
    ended = asyncio.Event()

    async def script(request):
        if request.program.source == "1":
            return verdict(request)
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:

        async def jobs():
            yield Job("0")
            yield Job("1")
            await ended.wait()  # the stream lives on after the cancellation
            yield Job("1")

        assert await client.rewards(jobs(), timeout=1) == [None, 1.0, 1.0]
        assert server.service.cancelled == ["0"]
        assert server.service.streams == 1


async def test_a_server_that_dies_and_comes_back_in_mid_stream_loses_no_job_and_answers_none_twice(address):
    rewards = [number / 100 for number in range(100)]
    half_is_answered = asyncio.Event()
    answered = itertools.count(1)

    async def half(request):
        if next(answered) > 50:
            half_is_answered.set()
            await asyncio.get_running_loop().create_future()
        return await as_told(request)

    service = Scripted(half)
    async with running(service, address()) as server, AsyncClient(server.address) as client:

        async def die_and_come_back():
            await half_is_answered.wait()
            await server.kill()
            service.script = as_told
            await server.start()

        accident = asyncio.create_task(die_and_come_back())
        answers = [numbered async for numbered in client.score_many(_jobs(rewards))]
        await accident
    assert sorted((number, answer.verdict.reward) for number, answer in answers) == list(enumerate(rewards))
    assert set(Counter(request.program.source for request in service.asked).values()) <= {1, 2}
    assert service.streams == 2
    # The half that was not answered, and whatever answers were still on their way when the server died.
    assert 50 <= client.counts.resent <= 100


async def test_jobs_of_a_server_that_dies_in_mid_stream_go_to_another(address):
    rewards = [number / 100 for number in range(100)]
    dying, living = Scripted(_held(asyncio.Event())), Scripted()
    dying.full_at = 1
    async with (
        running(dying, address("dying")) as doomed,
        running(living, address("living")) as other,
        AsyncClient(doomed.address, other.address) as client,
    ):

        async def die():
            await dying.full.wait()
            await doomed.kill()

        accident = asyncio.create_task(die())
        assert await client.rewards(_jobs(rewards)) == rewards
        await accident
        assert len(living.asked) == 100
        assert client.counts.faults == 0


async def test_a_server_that_stays_away_ends_in_faults_and_never_in_zeros(address, monkeypatch):
    monkeypatch.setattr("sandbox.client.fleet.PROBE_SECONDS", 0.1)
    service = Scripted(_held(asyncio.Event()))
    service.full_at = 3
    async with running(service, address()) as server, AsyncClient(server.address, patience=0.2) as client:
        await client.describe()

        async def die():
            await service.full.wait()
            await server.kill()

        accident = asyncio.create_task(die())
        answers = [answer async for _, answer in client.score_many(_jobs([1, 2, 3]))]
        await accident
        assert [answer.WhichOneof("outcome") for answer in answers] == ["fault"] * 3
        assert server.address in answers[0].fault.message
        assert await client.rewards(_jobs([1])) == [None]
        assert client.counts.faults == 4


async def test_a_server_that_ends_a_stream_without_all_answers_is_asked_again(address):
    class Forgetful(Scripted):
        async def ScoreStream(self, requests, context):
            self.streams += 1
            if self.streams == 1:
                await anext(requests)
                return
            async for answer in super().ScoreStream(requests, context):
                yield answer

    async with running(Forgetful(), address()) as server, AsyncClient(server.address) as client:
        assert await client.rewards(_jobs([0.5, 1])) == [0.5, 1.0]


async def test_an_answer_to_nothing_and_a_second_answer_are_ignored(address):
    class Stuttering(Scripted):
        async def ScoreStream(self, requests, context):
            async for answer in super().ScoreStream(requests, context):
                yield verdict(self.asked[0].__class__(id="nobody asked"), 0.75)
                yield answer
                yield answer

    async with running(Stuttering(), address()) as server, AsyncClient(server.address) as client:
        answers = [numbered async for numbered in client.score_many(_jobs([0.5, 1]))]
        assert sorted((number, answer.verdict.reward) for number, answer in answers) == [(0, 0.5), (1, 1.0)]


async def test_a_job_that_breaks_its_streams_goes_alone_and_takes_no_other_with_it(address):
    rewards = [number / 10 for number in range(10)]
    limit = [("grpc.max_receive_message_length", 10_000)]
    jobs = _jobs(rewards)
    jobs.insert(5, Job("1").stdio("x" * 10_000, ""))
    async with running(Scripted(), address(), limit) as server, AsyncClient(server.address) as client:
        answers = {number: answer async for number, answer in client.score_many(jobs)}
        assert len(answers) == 11
        assert "larger than max" in answers.pop(5).rejected.message
        assert sorted(answer.verdict.reward for answer in answers.values()) == rewards


async def test_a_rejection_that_is_the_servers_own_trouble_is_tried_again(address):
    troubles = [refusal("CANCELLED", message="not by us"), refusal("RESOURCE_EXHAUSTED", retry_after_ms=1)]

    async def script(request):
        if troubles:
            raise troubles.pop()
        return verdict(request)

    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        assert await client.rewards([Job("1")]) == [1.0]
        assert len(server.service.asked) == 3


async def test_a_refused_token_ends_the_batch_with_an_error(address):
    class Closed(Scripted):
        async def ScoreStream(self, requests, context):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")
            yield

        async def Score(self, request, context):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")

    async with running(Closed(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(SandboxError, match="PERMISSION_DENIED"):
            await client.rewards(_jobs([1, 2, 3]))


async def test_thousands_of_jobs_can_be_in_flight(address):
    release = asyncio.Event()
    service = Scripted(_held(release))
    service.full_at = 3000
    async with running(service, address()) as server, AsyncClient(server.address, window=3000) as client:
        task = asyncio.create_task(client.rewards([Job("1")] * 3000))
        await asyncio.wait_for(service.full.wait(), 30)
        release.set()
        assert await task == [1.0] * 3000
