"""The synchronous client: the same answers, from any thread and any process."""

import asyncio
import pickle
import threading

import pytest

from sandbox import AsyncClient, Client, Job, Rejected
from tests.client.scripted import Scripted, refusal, running_aside

pytestmark = pytest.mark.usefixtures("no_background")


@pytest.fixture
def server(address):
    with running_aside(Scripted, address()) as server:
        yield server


def test_every_method_gives_what_the_asynchronous_client_gives(server):
    with Client(server.address) as client:
        assert client.score(Job("0.5")).reward == 0.5
        assert client.answer(Job("0.5", id="a")).id == "a"
        assert client.rewards(Job(str(number)) for number in range(5)) == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert dict(client.score_many([Job("1", id="b")]))[0].id == "b"
        assert client.describe().version == "scripted"
        job = client.with_suite(Job("1").stdio("", ""))
        assert client.put_suite(Job("1").stdio("", "").request().tests) == job.request().tests_ref
        assert client.score(job).reward == 1.0
        assert client.feedback(client.answer(job), job) == "There are no public tests."
        assert client.counts.verdicts == 10
        assert repr(client) == f"Client('{server.address}')"


def test_a_rejection_is_raised(address):
    async def no(request):
        raise refusal("INVALID_ARGUMENT", field="policy", message="'x' is not known")

    with running_aside(lambda: Scripted(no), address()) as server:
        client = Client(server.address)
        with pytest.raises(Rejected, match="policy"):
            client.score(Job("1"))
        with pytest.raises(Rejected, match="job 0: policy"):
            client.rewards([Job("1")])


def test_many_threads_share_one_client(server):
    client, rewards = Client(server.address), {}

    def work(number: int) -> None:
        rewards[number] = [client.score(Job(str(number))).reward, *client.rewards([Job(str(number))] * 3)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rewards == {number: [float(number)] * 4 for number in range(50)}


def test_a_generator_of_jobs_may_wait_for_answers_of_other_calls(server):
    """It is not read on the event loop, which would stand still meanwhile."""
    client = Client(server.address)

    def jobs():
        for _ in range(3):
            yield Job(str(client.score(Job("0.5")).reward))

    assert client.rewards(jobs()) == [0.5, 0.5, 0.5]


def test_answers_can_be_read_while_jobs_are_still_being_made(server):
    answered = threading.Event()

    def jobs():
        yield Job("1")
        assert answered.wait(5)
        yield Job("2")

    rewards = []
    for _, answer in Client(server.address).score_many(jobs()):
        rewards.append(answer.verdict.reward)
        answered.set()
    assert rewards == [1.0, 2.0]


def test_a_loop_that_is_left_early_leaves_nothing_behind(server):
    client = Client(server.address)
    answers = client.score_many(Job("1") for _ in range(1000))
    assert next(answers)[1].verdict.reward == 1.0
    answers.close()
    assert client.score(Job("0.5")).reward == 0.5


def test_an_interrupted_wait_cancels_the_work(address, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    async def never(request):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    class Interrupted(Exception):
        pass

    def interrupt(future):
        assert begun.wait(5)
        raise Interrupted

    with running_aside(lambda: Scripted(never), address()) as server:
        with monkeypatch.context() as patch:
            patch.setattr("concurrent.futures.Future.result", interrupt)
            with pytest.raises(Interrupted):
                Client(server.address).score(Job("1"))
        assert ended.wait(5)


async def test_it_works_inside_a_running_event_loop_too(server):
    assert Client(server.address).score(Job("0.5")).reward == 0.5
    async with AsyncClient(server.address) as client:
        assert (await client.score(Job("0.5"))).reward == 0.5


def test_one_asynchronous_client_serves_many_event_loops(server):
    client = AsyncClient(server.address)
    assert [asyncio.run(client.score(Job("0.5"))).reward for _ in range(5)] == [0.5] * 5
    assert asyncio.run(client.rewards([Job("1")])) == [1.0]
    assert len(client._dispatchers) == 1


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_is_pickled_as_its_settings(kind):
    client = kind("127.0.0.1:1", "127.0.0.1:2", tries=3, token="t")
    copy = pickle.loads(pickle.dumps(client))
    assert repr(copy) == repr(client)
    settings = [getattr(each, "_client", each)._settings for each in (client, copy)]
    assert settings[0] == settings[1]
