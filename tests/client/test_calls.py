"""One job at a time, against real servers whose answers the test writes."""

import asyncio

import grpc
import pytest

from sandbox import AsyncClient, Job, Rejected, SandboxError
from sandbox.client import Unreachable
from sandbox.v1 import reward_pb2_grpc
from tests.client.scripted import Scripted, fault, refusal, running, verdict


def _in_turn(*outcomes):
    """A script that goes through `outcomes`, and stays with the last."""
    left = list(outcomes)

    async def script(request):
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome(request)

    return script


async def test_a_verdict_comes_back_as_it_is(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        verdict = await client.score(Job("0.5", id="mine"))
        assert verdict.reward == 0.5
        assert (await client.answer(Job("0.5", id="mine").request())).id == "mine"
        assert (await client.describe()).version == "scripted"


async def test_a_fault_is_none_and_is_counted(address):
    async with running(Scripted(_in_turn(fault)), address()) as server, AsyncClient(server.address) as client:
        assert await client.score(Job("x")) is None
        assert (await client.answer(Job("x"))).fault.message == "no jail"
        assert client.counts.faults == 2


async def test_a_rejection_is_rebuilt_from_the_trailing_metadata(address):
    no = refusal("FAILED_PRECONDITION", field="min_isolation", message="KERNEL is more", suggestion="NAMESPACES")
    async with running(Scripted(_in_turn(no)), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected) as caught:
            await client.score(Job("x"))
        rejected = caught.value
        assert (rejected.code, rejected.field) == ("FAILED_PRECONDITION", "min_isolation")
        assert (rejected.message, rejected.suggestion) == ("KERNEL is more", "NAMESPACES")
        assert len(server.service.asked) == 1
        assert (await client.answer(Job("x"))).rejected == no.rejected


async def test_a_status_without_that_metadata_is_a_rejection_all_the_same(address):
    class Plain(Scripted):
        async def Score(self, request, context):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "tests: there are none")

    async with running(Plain(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected, match="there are none"):
            await client.score(Job("x"))


async def test_a_full_queue_is_asked_again_after_the_time_that_it_names(address):
    full = refusal("RESOURCE_EXHAUSTED", message="full", retry_after_ms=50)
    script = _in_turn(full, full, verdict)
    async with running(Scripted(script), address()) as server, AsyncClient(server.address, tries=1) as client:
        begun = asyncio.get_running_loop().time()
        assert (await client.score(Job("1"))).reward == 1.0
        assert asyncio.get_running_loop().time() - begun >= 0.1
        assert len(server.service.asked) == 3
        assert client.counts.resent == 2


async def test_a_queue_that_stays_full_is_a_fault_in_the_end(address):
    full = refusal("RESOURCE_EXHAUSTED", message="full", retry_after_ms=1)
    async with running(Scripted(_in_turn(full)), address()) as server, AsyncClient(server.address, tries=2) as client:
        assert await client.score(Job("1")) is None
        assert len(server.service.asked) == 10


@pytest.mark.parametrize("code", ["UNAVAILABLE", "CANCELLED"])
async def test_a_server_that_gives_up_on_a_job_is_asked_again(address, code):
    script = _in_turn(refusal(code, message="shutting down"), verdict)
    async with running(Scripted(script), address()) as server, AsyncClient(server.address) as client:
        assert (await client.score(Job("1"))).reward == 1.0
        assert len(server.service.asked) == 2


async def test_tries_are_bounded_and_end_in_a_fault_that_says_so(address):
    script = _in_turn(refusal("UNAVAILABLE", message="shutting down"))
    async with running(Scripted(script), address()) as server, AsyncClient(server.address, tries=3) as client:
        answer = await client.answer(Job("1", id="mine"))
        assert answer.id == "mine"
        assert answer.fault.message == "sent 3 times without an answer; at last: shutting down"
        assert len(server.service.asked) == 3


async def test_a_bug_of_the_server_is_a_fault_and_is_not_repeated(address):
    async with running(Scripted(_in_turn(ValueError("a bug"))), address()) as server:
        async with AsyncClient(server.address) as client:
            assert await client.score(Job("1")) is None
        assert len(server.service.asked) == 1


async def test_time_that_is_over_is_a_fault_and_the_server_is_told(address):
    ended = asyncio.Event()

    async def never(request):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(Scripted(never), address()) as server, AsyncClient(server.address) as client:
        answer = await client.answer(Job("1"), timeout=0.2)
        assert answer.fault.message
        await asyncio.wait_for(ended.wait(), 5)
        (request,) = server.service.asked
        assert 0 < request.timeout_ms <= 200


async def test_a_jobs_own_time_is_kept_when_it_is_shorter(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        job = Job("1", timeout_ms=70)
        await client.score(job, timeout=10)
        assert server.service.asked[0].timeout_ms == 70
        assert job.request().timeout_ms == 70


async def test_a_time_out_that_the_server_states_is_a_fault_too(address):
    late = refusal("DEADLINE_EXCEEDED", field="timeout_ms", message="70 ms are over")
    async with running(Scripted(_in_turn(late)), address()) as server, AsyncClient(server.address) as client:
        assert (await client.answer(Job("1"))).fault.message == "not in time: 70 ms are over"


async def test_cancelling_the_wait_cancels_the_job(address):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def never(request):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(Scripted(never), address()) as server, AsyncClient(server.address) as client:
        task = asyncio.create_task(client.score(Job("1")))
        await begun.wait()
        task.cancel()
        await asyncio.wait_for(ended.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_job_that_is_too_large_is_rejected_before_it_is_sent(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address, max_message_bytes=1000) as client:
        with pytest.raises(Rejected, match="with_suite") as caught:
            await client.score(Job("1").stdio("x" * 1000, ""))
        assert "at most 1000 are sent" in caught.value.message
        assert not server.service.asked


async def test_a_server_that_takes_less_rejects_a_larger_job_by_its_size(address):
    limit = [("grpc.max_receive_message_length", 1000)]
    async with running(Scripted(), address(), limit) as server, AsyncClient(server.address) as client:
        with pytest.raises(Rejected, match="larger than max"):
            await client.score(Job("1").stdio("x" * 1000, ""))


async def test_a_message_of_64_mib_goes_through(address):
    limit = [("grpc.max_receive_message_length", 256 << 20)]
    async with running(Scripted(), address(), limit) as server, AsyncClient(server.address) as client:
        assert (await client.score(Job("1").stdio("x" * (64 << 20), ""))).reward == 1.0


async def test_the_token_goes_with_every_call_and_is_not_shown(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address, token="s3cret") as client:
        await client.score(Job("1"))
        assert server.service.metadata[0]["authorization"] == "Bearer s3cret"
        assert "s3cret" not in repr(client) + repr(client._settings)


async def test_a_server_that_wants_another_token_is_an_error_with_a_fix(address):
    class Closed(Scripted):
        async def Score(self, request, context):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")

    async with running(Closed(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(SandboxError) as caught:
            await client.score(Job("1"))
        assert "token" in caught.value.fix


async def test_another_service_at_the_address_is_an_error(address):
    class Other(reward_pb2_grpc.RewardServiceServicer):
        pass

    async with running(Other(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(SandboxError, match="UNIMPLEMENTED"):
            await client.describe()


async def test_an_address_where_nobody_answers_is_an_error_that_names_it_and_the_fix(monkeypatch, address):
    monkeypatch.setattr("sandbox.client.fleet._FIRST_PATIENCE", 0.1)
    monkeypatch.setattr("sandbox.client.fleet.PROBE_SECONDS", 0.1)
    async with AsyncClient(address("nobody")) as client:
        for call in (client.score(Job("1")), client.describe(), client.rewards([Job("1")])):
            with pytest.raises(Unreachable) as caught:
                await call
            assert address("nobody") in caught.value.subject
            assert "sandbox serve" in caught.value.fix


async def test_a_time_out_does_not_hide_that_nobody_answers(address):
    async with AsyncClient(address("nobody")) as client:
        with pytest.raises(Unreachable):
            await client.score(Job("1"), timeout=0.2)


async def test_a_server_that_cannot_describe_itself_is_an_error(address):
    class Broken(Scripted):
        async def Describe(self, request, context):
            raise ValueError("a bug")

    async with running(Broken(), address()) as server, AsyncClient(server.address) as client:
        with pytest.raises(SandboxError, match="the server failed"):
            await client.describe()


async def test_a_server_that_hangs_ends_a_call_that_is_not_about_a_job_with_an_error(address):
    class Hanging(Scripted):
        async def Describe(self, request, context):
            await asyncio.Event().wait()

    async with running(Hanging(), address()) as server, AsyncClient(server.address, timeout=0.2) as client:
        with pytest.raises(SandboxError, match=r"no answer within 0\.2 s"):
            await client.describe()


async def test_a_server_that_starts_late_is_waited_for(address):
    async with AsyncClient(address()) as client:
        task = asyncio.create_task(client.score(Job("1")))
        await asyncio.wait_for(_down(client), 5)
        async with running(Scripted(), address()):
            assert (await task).reward == 1.0


async def test_closing_ends_what_waits_with_a_clear_error(address):
    begun = asyncio.Event()

    async def never(request):
        begun.set()
        await asyncio.Event().wait()

    async with running(Scripted(never), address()) as server:
        client = AsyncClient(server.address)
        tasks = [asyncio.create_task(client.score(Job("1"))), asyncio.create_task(client.rewards([Job("1")]))]
        await begun.wait()
        await client.close()
        for task in tasks:
            with pytest.raises(SandboxError, match="closed"):
                await task


async def test_a_closed_client_can_be_used_again(address):
    async with running(Scripted(), address()) as server:
        client = AsyncClient(server.address)
        for _ in range(2):
            assert (await client.score(Job("1"))).reward == 1.0
            await client.close()


@pytest.mark.parametrize("bad", ["http://localhost:1", "grpc://x:1", "localhost", "::1:50051", "unix:", ""])
def test_what_is_no_address_is_refused_at_once(bad):
    with pytest.raises(SandboxError) as caught:
        AsyncClient(bad)
    assert "HOST:PORT or unix:PATH" in caught.value.fix


@pytest.mark.parametrize("good", ["localhost:1", "10.0.0.1:50051", "[::1]:1", "unix:/run/s", "dns:///svc.local:50051"])
def test_what_grpc_takes_is_an_address(good):
    assert repr(AsyncClient(good)) == f"AsyncClient('{good}')"


@pytest.mark.parametrize("option", ["tries", "window", "max_message_bytes"])
def test_an_option_that_would_send_nothing_is_refused(option):
    with pytest.raises(SandboxError, match=option):
        AsyncClient(**{option: 0})


def test_an_option_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="retires"):
        AsyncClient(retires=3)


async def _down(client: AsyncClient) -> None:
    """Returns once the client knows that no server is up."""
    while not client._dispatcher().fleet.all_down:
        await asyncio.sleep(0)
