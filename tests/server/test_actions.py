"""ActionService through real gRPC: statuses say what is wrong and what to do, and hanging up is heard."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.adapter import QuotaError
from sandbox.errors import JobError, SetupError
from sandbox.model.outcome import FaultError, JailFault, StarvedFault
from sandbox.server.actions import ActionService
from sandbox.settings import Settings
from sandbox.undo import bounds
from sandbox.v1 import action_pb2, action_pb2_grpc, job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.fake_actions import FakeActions, Run

Execute = action_pb2.ExecuteRequest
WRITE = action_pb2.Effect(resource="files:a.txt", op="create", effect_class="REVERSIBLE", post_json="{}")
METHODS = action_pb2.DESCRIPTOR.services_by_name["ActionService"].methods_by_name


@asynccontextmanager
async def served(actions: FakeActions | None, **settings: int) -> AsyncIterator[Any]:
    server = grpc.aio.server()
    service = ActionService(actions, Settings(**settings))
    action_pb2_grpc.add_ActionServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield action_pb2_grpc.ActionServiceStub(channel)
    finally:
        await server.stop(None)


async def refused(call: Any) -> tuple[grpc.StatusCode, str, verdict_pb2.Rejected]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    metadata = dict(caught.value.trailing_metadata() or ())
    rejected = verdict_pb2.Rejected.FromString(metadata["sandbox-rejected-bin"])
    return caught.value.code(), caught.value.details(), rejected


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def run(*command: str, **fields: Any) -> Execute:
    return Execute(workspace="/w", command=command, **fields)


async def test_an_action_is_held_looked_at_committed_undone_and_redone():
    async with served(FakeActions(write=Run(WRITE, stdout=b"\xff"))) as stub:
        executed = await stub.Execute(run("write"))
        assert (executed.action.status, executed.stdout) == (action_pb2.Action.HELD, b"\xff")
        name = executed.action.id
        assert [*(await stub.Diff(action_pb2.DiffRequest(id=name))).effects] == [WRITE]
        assert (await stub.Commit(action_pb2.CommitRequest(id=name))).action.status == action_pb2.Action.COMMITTED
        assert (await stub.Undo(action_pb2.UndoRequest(id=name))).action.status == action_pb2.Action.UNDONE
        redone = await stub.Redo(action_pb2.RedoRequest(id=name))
        assert redone.action.redo_of == name
        assert (await stub.Get(action_pb2.GetActionRequest(id=name))).redone_by == redone.action.id
        listed = await stub.List(action_pb2.ListActionsRequest())
        assert [each.id for each in listed.actions] == [redone.action.id, name]
        assert (await stub.Verify(action_pb2.VerifyRequest(id=name))).ok


async def test_a_command_that_fails_is_no_failure_of_the_call():
    async with served(FakeActions()) as stub:
        assert (await stub.Execute(run("false"))).action.exit_code == 1


async def test_a_conflict_is_an_answer_and_not_an_error():
    actions = FakeActions(write=Run(WRITE))
    async with served(actions) as stub:
        name = (await stub.Execute(run("write", mode="COMMIT"))).action.id
        actions.foreign.add(WRITE.resource)
        answer = await stub.Undo(action_pb2.UndoRequest(id=name))
        assert not answer.done
        assert [each.resource for each in answer.conflicts] == [WRITE.resource]


@pytest.mark.parametrize("method", METHODS)
async def test_without_a_workspace_root_every_call_says_how_to_start_the_server(method: str):
    request = getattr(action_pb2, METHODS[method].input_type.name)()
    async with served(None) as stub:
        call = getattr(stub, method)(request)
        code, text, rejected = await refused(anext(aiter(call)) if method == "Watch" else call)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "sandbox serve --workspace-root DIR" in text
    assert rejected.suggestion


@pytest.mark.parametrize(
    ("error", "code", "field"),
    [
        (JobError("policy", "no", "yes"), "INVALID_ARGUMENT", "policy"),
        (JobError("workspace", "no", reject="PERMISSION_DENIED"), "PERMISSION_DENIED", "workspace"),
        (JobError("", "no", reject="NOT_FOUND"), "NOT_FOUND", ""),
        (QuotaError("full"), "FAILED_PRECONDITION", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_a_bad_request_is_a_status_with_its_field_and_fix(error: Exception, code: str, field: str):
    async with served(FakeActions(bad=error)) as stub:
        found, _, rejected = await refused(stub.Execute(run("bad")))
    assert (found.name, rejected.field) == (code, field)
    assert verdict_pb2.RejectCode.Name(rejected.code) == code


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (FaultError("broken \ud800"), "INTERNAL", "INTERNAL"),
        (JailFault("no jail"), "INTERNAL", "JAIL"),
        (StarvedFault("no CPU"), "UNAVAILABLE", "STARVED"),
        (SetupError("no overlayfs"), "INTERNAL", "INTERNAL"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_a_fault_is_a_status_of_ours_with_its_kind(error: Exception, code: str, kind: str):
    async with served(FakeActions(bad=error)) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Execute(run("bad"))
    assert caught.value.code().name == code
    fault = verdict_pb2.Fault.FromString(dict(caught.value.trailing_metadata())["sandbox-fault-bin"])
    assert verdict_pb2.FaultKind.Name(fault.kind) == kind
    assert fault.message


BAD: list[tuple[Message, str]] = [
    (Execute(command=["true"]), "workspace"),
    (Execute(workspace="/w"), "command"),
    (Execute(workspace="/w", command=["true"], program=job_pb2.Program(source="x")), "command"),
    (Execute(workspace="/w", command=[""]), "command[0]"),
    (run("a\0b"), "command"),
    (run("true", *["x"] * 20_000), "command"),
    (run("true", "x" * (128 << 10)), "command"),
    (Execute(workspace="/w\0", command=["true"]), "workspace"),
    (Execute(workspace="w" * 5000, command=["true"]), "workspace"),
    (run("true", environment={"": "x"}), "environment"),
    (run("true", environment={"A=B": "x"}), "environment"),
    (run("true", environment={"A": "\0"}), "environment"),
    (run("true", branch="../up"), "branch"),
    (run("true", branch="b" * 200), "branch"),
    (run("true", branch_from="a"), "branch_from"),
    (run("true", databases=[action_pb2.Database(name="")]), "databases[0].name"),
    (run("true", databases=[action_pb2.Database(name="a"), action_pb2.Database(name="a")]), "databases"),
    (run("true", databases=[action_pb2.Database(name=str(number)) for number in range(100)]), "databases"),
    (run("true", mode=17), "mode"),
    (run("true", idempotency_key="k\n"), "idempotency_key"),
    (run("true", traceparent="yes"), "traceparent"),
    (action_pb2.UndoRequest(), "id"),
    (action_pb2.UndoRequest(id="a", to="b"), "id"),
    (action_pb2.UndoRequest(id="a", later=9), "later"),
    (action_pb2.UndoRequest(branch="a/b"), "branch"),
    (action_pb2.GetActionRequest(), "id"),
    (action_pb2.GetActionRequest(id="../../x"), "id"),
    (action_pb2.CommitRequest(id="x" * 200), "id"),
    (action_pb2.DiffRequest(id="a", text_bytes=1 << 30), "text_bytes"),
    (action_pb2.ListActionsRequest(limit=1_000_000), "limit"),
    (action_pb2.VerifyRequest(id="a b"), "id"),
    (action_pb2.VerifyRequest(checkpoint="x" * (2 << 20)), ""),
    (action_pb2.WatchRequest(workspace="\0"), "workspace"),
]


@pytest.mark.parametrize(("request_", "field"), BAD, ids=lambda value: value if isinstance(value, str) else "")
async def test_a_request_out_of_bounds_never_reaches_the_runtime(request_: Message, field: str):
    actions = FakeActions()
    name = type(request_).__name__.removesuffix("Request").removesuffix("Actions").removesuffix("Action")
    async with served(actions) as stub:
        call = getattr(stub, name)(request_)
        code, _, rejected = await refused(anext(aiter(call)) if name == "Watch" else call)
    assert (code, rejected.field) == (grpc.StatusCode.INVALID_ARGUMENT, field)
    assert rejected.suggestion
    assert actions.asked == []


async def test_an_answer_that_is_too_large_says_so_and_is_not_tried_again():
    large = action_pb2.Effect(resource="files:a", post_json="x" * 5000)
    async with served(FakeActions(write=Run(large)), max_message_bytes=4096) as stub:
        await stub.Execute(run("write"))
        code, text, rejected = await refused(stub.Diff(action_pb2.DiffRequest(id="a1")))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "at most 4096 are sent" in text
    assert rejected.retry_after_ms == 0


async def test_a_full_queue_refuses_and_says_when_to_come_back():
    actions = FakeActions()
    async with served(actions, queue=1) as stub:
        actions.gate = asyncio.Event()
        first = asyncio.ensure_future(stub.Execute(run("true")))
        await until(lambda: len(actions.asked) == 1)
        code, _, rejected = await refused(stub.Get(action_pb2.GetActionRequest(id="a1")))
        actions.gate.set()
        await first
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert rejected.retry_after_ms > 0
    assert "ScoreStream" not in rejected.suggestion


@pytest.mark.parametrize("way", ["hang up", "deadline", "timeout_ms"])
async def test_what_waits_for_an_action_is_cancelled_when_nobody_waits_for_it(way: str):
    actions = FakeActions()
    actions.gate = asyncio.Event()
    async with served(actions) as stub:
        request = run("true", timeout_ms=50 if way == "timeout_ms" else 0)
        call = stub.Execute(request, timeout=0.05 if way == "deadline" else None)
        if way == "hang up":
            await until(lambda: len(actions.asked) == 1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        else:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await until(lambda: actions.cancelled == ["execute"])


async def test_watching_gives_each_change_from_a_record_on_and_ends_when_the_client_hangs_up():
    actions = FakeActions(write=Run(WRITE))
    async with served(actions) as stub:
        await stub.Execute(run("write"))
        call = stub.Watch(action_pb2.WatchRequest(from_record=1))
        changes = aiter(call)
        assert (await anext(changes)).kind == "executed"
        await stub.Commit(action_pb2.CommitRequest(id="a1"))
        second = await anext(changes)
        assert (second.record, second.kind, second.action.id) == (2, "committed", "a1")
        assert actions.watching == 1
        call.cancel()
        await until(lambda: actions.watching == 0)


async def test_there_are_at_most_64_watchers():
    actions = FakeActions()
    async with served(actions) as stub:
        calls = [stub.Watch(action_pb2.WatchRequest()) for _ in range(64)]
        reading = [asyncio.ensure_future(anext(aiter(call))) for call in calls]
        await until(lambda: actions.watching == 64)
        code, _, _ = await refused(anext(aiter(stub.Watch(action_pb2.WatchRequest()))))
        for call in calls:
            call.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


@given(st.sampled_from([METHODS[name].input_type.name for name in METHODS]), st.binary())
def test_no_bytes_make_the_check_of_a_request_fail_otherwise_than_by_refusing(name: str, data: bytes):
    try:
        request = getattr(action_pb2, name).FromString(data)
    except DecodeError:
        return
    with contextlib.suppress(JobError):
        bounds.check(request)


@given(st.text(), st.text())
def test_whatever_names_are_given_a_request_is_taken_or_refused(name: str, value: str):
    name, value = (each.encode("utf-8", "replace").decode() for each in (name, value))
    requests = [
        run(name, value, branch=name, environment={name: value}, idempotency_key=value),
        Execute(workspace=name, command=[value], branch_from=name, databases=[action_pb2.Database(name=value)]),
        action_pb2.UndoRequest(id=name, to=value),
        action_pb2.ListActionsRequest(workspace=name, branch=value),
    ]
    for request in requests:
        with contextlib.suppress(JobError):
            bounds.check(request)


_START = """
import sys
from pathlib import Path
import sandbox.engine
from sandbox.server.app import run_server
from sandbox.settings import Settings
from tests.fake_actions import FakeActions, opened
sandbox.engine.open_actions = opened(FakeActions())
settings = Settings(address="127.0.0.1:0", home=Path(sys.argv[1]), cells=1, workspace_roots=(Path(sys.argv[1]),))
run_server(settings, lambda address: print(address, flush=True))
"""


@pytest.mark.jail
def test_a_server_with_a_workspace_root_takes_actions_beside_jobs(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", _START, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with grpc.insecure_channel(address) as channel:
            stub = action_pb2_grpc.ActionServiceStub(channel)
            assert stub.Execute(run("true")).action.status == action_pb2.Action.HELD
            assert reward_pb2_grpc.RewardServiceStub(channel).Describe(reward_pb2.DescribeRequest()).version
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
