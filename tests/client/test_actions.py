"""`client.actions` against a real server of the service, with actions that are kept in memory."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc
import pytest

from sandbox import AsyncClient, Client, FakeClient, Rejected, SandboxError
from sandbox.client.errors import ServerFault, Unreachable
from sandbox.errors import JobError
from sandbox.model.outcome import StarvedFault
from sandbox.server.actions import ActionService
from sandbox.settings import Settings
from sandbox.v1 import action_pb2, action_pb2_grpc
from tests.fake_actions import FakeActions, Run

WRITE = action_pb2.Effect(resource="files:a.txt", op="create", effect_class="REVERSIBLE", post_json="{}")
Action = action_pb2.Action


def writing(**runs: Any) -> FakeActions:
    return FakeActions(write=Run(WRITE, stdout=b"written\n"), **runs)


class Flaky(grpc.aio.ServerInterceptor):
    """Does what was asked, and then loses the answer, as often as `times` says."""

    def __init__(self, times: int, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> None:
        self.times, self.code = times, code

    async def intercept_service(self, continuation, details):
        handler = await continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        answer = handler.unary_unary

        async def answer_or_lose(request, context):
            found = await answer(request, context)
            if self.times:
                self.times -= 1
                await context.abort(self.code, "the wire was cut")
            return found

        return grpc.unary_unary_rpc_method_handler(
            answer_or_lose, handler.request_deserializer, handler.response_serializer
        )


@asynccontextmanager
async def served(actions: FakeActions, address: str, *interceptors: grpc.aio.ServerInterceptor, **settings: int):
    server = grpc.aio.server(interceptors=interceptors, options=[("grpc.so_reuseport", 0)])
    action_pb2_grpc.add_ActionServiceServicer_to_server(ActionService(actions, Settings(**settings)), server)
    server.add_insecure_port(address)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(None)


@contextmanager
def served_aside(actions: FakeActions, address: str) -> Iterator[None]:
    """The same on a thread of its own, for the synchronous client."""
    ready, end = threading.Event(), []

    async def serve() -> None:
        stop = asyncio.Event()
        end.extend([asyncio.get_running_loop(), stop])
        actions._changed = asyncio.Condition()
        async with served(actions, address):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        end[0].call_soon_threadsafe(end[1].set)
        thread.join(10)


async def test_every_verb_is_there(address: Callable[[], str]):
    where = address()
    async with served(writing(), where), AsyncClient(where) as client:
        done = await client.actions.execute("/w", ["write"], stdin="hi", environment={"A": "b"}, databases=["shop.db"])
        assert (done.stdout, done.action.status) == (b"written\n", Action.HELD)
        name = done.action.id
        assert [*(await client.actions.diff(name, text_bytes=10)).effects] == [WRITE]
        assert (await client.actions.commit(name)).done
        assert (await client.actions.undo(name)).action.status == Action.UNDONE
        redone = await client.actions.redo(name)
        assert [each.id for each in await client.actions.list("/w")] == [redone.action.id, name]
        assert (await client.actions.get(name)).redone_by == redone.action.id
        assert (await client.actions.verify(name)).ok


async def test_a_request_carries_all_that_was_said(address: Callable[[], str]):
    where, actions = address(), writing()
    options = {
        "stdin": b"\xff",
        "policy": "strict",
        "limits": {"cpu_time_ms": 7},
        "mode": "DRY_RUN",
        "idempotency_key": "k",
        "environment": {"A": "b"},
        "branch": "b",
        "branch_from": "a",
        "databases": {"shop.db": "JOURNAL"},
        "principal": "me",
        "timeout_ms": 9000,
    }
    async with served(actions, where), AsyncClient(where) as client:
        await client.actions.execute("/w", ["write"], **options)
    expected = action_pb2.ExecuteRequest(
        workspace="/w", command=["write"], **{**options, "databases": [action_pb2.Database(name="shop.db", mode=1)]}
    )
    assert actions.asked == [expected]


@pytest.mark.parametrize(
    ("arguments", "options", "field"),
    [
        (("/w", "ls -l"), {}, "command"),
        (("/w", ["ls"]), {"mode": "COMIT"}, "mode"),
        (("/w", ["ls"]), {"databases": "shop.db"}, "databases"),
        (("/w", ["ls"]), {"databases": {"a": "x"}}, "databases['a'].mode"),
        (("/w", ["ls"]), {"limits": {"cpu": 1}}, "limits.cpu"),
    ],
)
async def test_what_is_wrong_is_seen_before_anything_is_sent(arguments: tuple, options: dict, field: str):
    with pytest.raises(Rejected) as caught:
        await AsyncClient("127.0.0.1:1").actions.execute(*arguments, **options)
    assert caught.value.field == field


async def test_a_refusal_names_its_field_and_a_fault_its_kind(address: Callable[[], str]):
    where, actions = address(), writing(bad=JobError("policy", "no", "yes"), slow=StarvedFault("no CPU"))
    async with served(actions, where), AsyncClient(where) as client:
        with pytest.raises(Rejected) as rejected:
            await client.actions.execute("/w", ["bad"])
        assert (rejected.value.field, rejected.value.suggestion) == ("policy", "yes")
        with pytest.raises(ServerFault) as fault:
            await client.actions.execute("/w", ["slow"])
        assert fault.value.kind == "STARVED"
        assert pickle.loads(pickle.dumps(fault.value)).kind == "STARVED"
    assert len(actions.asked) == 2


async def test_a_lost_answer_is_asked_for_again_and_the_command_runs_once(address: Callable[[], str]):
    where, actions = address(), writing()
    async with served(actions, where, Flaky(2)), AsyncClient(where) as client:
        assert (await client.actions.execute("/w", ["write"])).action.id == "a1"
        assert len({request.idempotency_key for request in actions.asked}) == 1
    assert (len(actions.asked), len(actions.actions)) == (3, 1)


@pytest.mark.parametrize("verb", ["commit", "undo", "get", "diff", "verify"])
async def test_what_can_be_done_twice_is_sent_again(address: Callable[[], str], verb: str):
    where, flaky = address(), Flaky(0)
    async with served(writing(), where, flaky), AsyncClient(where) as client:
        await client.actions.execute("/w", ["write"])
        flaky.times = 2
        await getattr(client.actions, verb)("a1")
    assert flaky.times == 0


async def test_a_redo_is_never_sent_twice(address: Callable[[], str]):
    where, actions, flaky = address(), writing(), Flaky(0)
    async with served(actions, where, flaky), AsyncClient(where) as client:
        await client.actions.execute("/w", ["write"], mode="COMMIT")
        await client.actions.undo("a1")
        flaky.times = 1
        with pytest.raises(Unreachable, match="whether it took place is not known"):
            await client.actions.redo("a1")
    assert sum(isinstance(each, action_pb2.RedoRequest) for each in actions.asked) == 1


async def test_a_full_queue_is_waited_for(address: Callable[[], str]):
    where, actions = address(), writing()
    actions.gate = asyncio.Event()
    async with served(actions, where, queue=1), AsyncClient(where) as client:
        first = asyncio.ensure_future(client.actions.execute("/w", ["write"]))
        while not actions.asked:
            await asyncio.sleep(0.001)
        second = asyncio.ensure_future(client.actions.verify())
        await asyncio.sleep(0.01)
        assert not second.done()
        actions.gate.set()
        assert (await first).action.id == "a1"
        assert (await second).ok


async def test_a_server_that_is_not_there_is_unreachable(address: Callable[[], str]):
    with pytest.raises(Unreachable, match="no server answers"):
        await AsyncClient(address(), patience=0.1).actions.verify()


async def test_time_that_is_over_ends_the_call_and_the_server_hears_it(address: Callable[[], str]):
    where, actions = address(), writing()
    actions.gate = asyncio.Event()
    async with served(actions, where), AsyncClient(where, timeout=0.1) as client:
        with pytest.raises(SandboxError, match=r"no answer within 0\.1 s"):
            await client.actions.execute("/w", ["write"])
        async with asyncio.timeout(5):
            while not actions.cancelled:
                await asyncio.sleep(0.001)


async def test_watching_survives_a_server_that_is_started_again(address: Callable[[], str]):
    where, actions = address(), writing()
    async with AsyncClient(where) as client:
        watch = client.actions.watch(from_record=1)
        async with served(actions, where):
            await client.actions.execute("/w", ["write"])
            assert (await anext(watch)).kind == "executed"
        async with served(actions, where):
            await client.actions.commit("a1")
            change = await anext(watch)
        await watch.aclose()
    assert (change.record, change.kind) == (2, "committed")


async def test_an_episode_discards_its_branches_and_a_branch_sees_where_it_started(address: Callable[[], str]):
    where, actions = address(), writing()
    async with served(actions, where), AsyncClient(where) as client:
        async with client.actions.episode("/w", policy="strict") as episode:
            first = episode.branch("a")
            assert episode.branch("a") is first
            await first.execute(["write"])
            second = episode.branch("b", start=first)
            await second.execute(["write"])
            await second.execute(["true"])
            episode.branch("never-used")
            assert actions.branches == {first.name, second.name}
            assert first.place == {"workspace": "/w", "branch": first.name}
        assert actions.branches == set()
    runs = [each for each in actions.asked if isinstance(each, action_pb2.ExecuteRequest)]
    assert [each.branch_from for each in runs] == ["", first.name, ""]
    assert {each.policy for each in runs} == {"strict"}
    assert {each.status for each in actions.actions.values()} == {Action.DISCARDED}


@pytest.mark.parametrize("name", ["", "a b", "../a", "a" * 97, "a\n"])
async def test_a_name_that_no_branch_may_have_is_rejected_at_once(name: str):
    with pytest.raises(Rejected, match="is no name of a branch"):
        AsyncClient("127.0.0.1:1").actions.episode("/w").branch(name)


async def test_two_episodes_never_share_a_branch(address: Callable[[], str]):
    client = AsyncClient(address())
    names = {client.actions.episode("/w").branch("a").name for _ in range(10)}
    assert len(names) == 10


async def test_an_episode_that_cannot_be_discarded_says_so_unless_it_ended_by_an_error(address: Callable[[], str]):
    where, actions = address(), writing()

    def refuse(request: object) -> None:
        if isinstance(request, action_pb2.UndoRequest):
            raise JobError("branch", "is in use", reject="FAILED_PRECONDITION")

    actions.before = refuse
    async with served(actions, where), AsyncClient(where) as client:
        with pytest.raises(Rejected, match="is in use"):
            async with client.actions.episode("/w") as episode:
                await episode.branch("a").execute(["write"])
        with pytest.raises(ZeroDivisionError):
            async with client.actions.episode("/w") as episode:
                await episode.branch("a").execute(["write"])
                raise ZeroDivisionError


@pytest.mark.usefixtures("no_background")
def test_the_synchronous_client_does_the_same(address: Callable[[], str]):
    where, actions = address(), writing()
    with served_aside(actions, where), Client(where) as client:
        name = client.actions.execute("/w", ["write"]).action.id
        assert client.actions.diff(name).effects[0].resource == "files:a.txt"
        assert client.actions.commit(name).done
        assert client.actions.undo(name).done
        assert client.actions.redo(name).action.redo_of == name
        assert client.actions.get(name).id == name
        assert len(client.actions.list()) == 2
        assert client.actions.verify().ok
        kinds = []
        for change in client.actions.watch(from_record=1):
            kinds.append(change.kind)
            if len(kinds) == 2:
                break
        assert kinds == ["executed", "committed"]
        with client.actions.episode("/w") as episode:
            branch = episode.branch("a")
            branch.execute(["write"])
            episode.branch("b", start=branch).execute(["write"])
            assert branch.name in actions.branches
            branch.discard()
            assert branch.name not in actions.branches
        assert actions.branches == set()
        with pytest.raises(Rejected, match="is one text"):
            client.actions.execute("/w", "ls")


def test_a_fake_client_has_no_actions():
    with pytest.raises(SandboxError, match="a fake client has no actions"):
        FakeClient().actions.verify()
