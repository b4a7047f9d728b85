"""Several servers: who gets a job, who is set aside, who is back."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from sandbox import AsyncClient, Job
from tests.client.scripted import Scripted, fault, refusal, running, verdict


async def _start(stack: AsyncExitStack, address, **services: Scripted) -> list[str]:
    return [
        (await stack.enter_async_context(running(service, address(name)))).address for name, service in services.items()
    ]


def _held(release: asyncio.Event):
    async def script(request):
        await release.wait()
        return verdict(request)

    return script


async def test_jobs_are_shared_out_by_what_is_in_flight(address):
    release = asyncio.Event()
    a, b = Scripted(_held(release)), Scripted(_held(release))
    a.full_at = b.full_at = 5
    async with AsyncExitStack() as stack:
        addresses = await _start(stack, address, a=a, b=b)
        async with AsyncClient(*addresses) as client:
            by_stream = partial(client.rewards, [Job("1")] * 10)
            for run in (by_stream, lambda: asyncio.gather(*(client.score(Job("1")) for _ in range(10)))):
                a.full.clear(), b.full.clear(), release.clear()
                task = asyncio.ensure_future(run())
                await asyncio.wait_for(asyncio.gather(a.full.wait(), b.full.wait()), 5)
                assert (a.in_flight, b.in_flight) == (5, 5)
                release.set()
                await task


async def test_a_slow_server_gets_fewer_jobs(address):
    release = asyncio.Event()
    slow, fast = Scripted(_held(release)), Scripted()
    async with AsyncExitStack() as stack:
        addresses = await _start(stack, address, slow=slow, fast=fast)
        async with AsyncClient(*addresses, window=2) as client:
            done = 0
            async for _ in client.score_many([Job("1")] * 20):
                done += 1
                if done == 18:
                    release.set()
    assert (len(slow.asked), len(fast.asked)) == (2, 18)


async def test_the_window_bounds_the_jobs_in_flight_of_all_calls_together(address):
    release = asyncio.Event()
    service = Scripted(_held(release))
    service.full_at = 3
    async with running(service, address()) as server, AsyncClient(server.address, window=3) as client:
        tasks = [asyncio.create_task(client.score(Job("1"))) for _ in range(10)]
        tasks.append(asyncio.create_task(client.rewards([Job("1")] * 10)))
        await asyncio.wait_for(service.full.wait(), 5)
        release.set()
        await asyncio.gather(*tasks)
        assert service.most_in_flight == 3
        assert len(service.asked) == 20


async def test_bytes_in_flight_are_bounded_but_one_job_always_fits(address):
    service = Scripted()
    async with running(service, address()) as server, AsyncClient(server.address, window_bytes=1000) as client:
        assert await client.rewards([Job("1").stdio("x" * 2000, "")] * 3) == [1.0] * 3
        assert service.most_in_flight == 1


async def test_a_server_that_fails_is_set_aside_and_its_job_goes_to_another(address):
    async def leaving(request):
        raise refusal("UNAVAILABLE", message="shutting down")

    failing, healthy = Scripted(leaving), Scripted()
    async with AsyncExitStack() as stack:
        addresses = await _start(stack, address, failing=failing, healthy=healthy)
        async with AsyncClient(*addresses) as client:
            assert [(await client.score(Job("1"))).reward for _ in range(5)] == [1.0] * 5
            assert client.counts.resent == len(failing.asked) >= 1
            assert len(healthy.asked) == 5


async def test_a_server_that_comes_back_gets_jobs_again(address):
    a, b = Scripted(), Scripted()
    async with (
        running(a, address("a")) as first,
        running(b, address("b")) as second,
        AsyncClient(first.address, second.address) as client,
    ):
        await first.kill()
        assert await client.rewards([Job("1")] * 10) == [1.0] * 10
        assert (len(a.asked), len(b.asked)) == (0, 10)
        await first.start()
        while not a.asked:
            assert (await client.score(Job("1"))).reward == 1.0


async def test_one_dead_address_among_several_costs_nothing(address):
    async with running(Scripted(), address()) as server, AsyncClient(address("nobody"), server.address) as client:
        assert await client.rewards([Job("1")] * 20) == [1.0] * 20
        assert client.counts.faults == 0


async def test_a_fault_is_put_before_another_server_once(address):
    async def faulty(request):
        return fault(request)

    first, second = Scripted(faulty), Scripted(faulty)
    async with AsyncExitStack() as stack:
        addresses = await _start(stack, address, first=first, second=second)
        async with AsyncClient(*addresses) as client:
            assert await client.score(Job("1")) is None
            assert (len(first.asked), len(second.asked)) == (1, 1)
            second.script = Scripted().script
            assert await client.rewards([Job("1"), Job("1")]) == [1.0, 1.0]
        async with AsyncClient(*addresses, retry_faults=False) as client:
            assert await client.score(Job("1")) is None


async def test_a_fault_of_the_only_server_is_not_retried(address):
    async def faulty(request):
        return fault(request)

    async with running(Scripted(faulty), address()) as server, AsyncClient(server.address) as client:
        assert await client.score(Job("1")) is None
        assert len(server.service.asked) == 1
