"""A server and another process on one home at the same time: they share the journal, the store and the workspaces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from sandbox.errors import JobError
from sandbox.settings import Settings
from sandbox.undo import open_actions, retention
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.undo.keys import Keys
from sandbox.v1 import action_pb2
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail


@pytest.fixture
def beside(server_home: Path, roots: Path, policies: Path, acting):
    """Does something with the runtime of another process than the server's."""

    def do(work: Callable[[ActionRuntime], Awaitable[object]], **more: object) -> object:
        async def main() -> object:
            settings = Settings(state=server_home / "state", workspace_roots=(roots,), policies=policies, **more)
            async with open_actions(settings, None) as actions:
                return await work(actions)

        return asyncio.run(main())

    return do


@pytest.fixture
def nothing_young(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_YOUNG_NS", -(10**12))


def test_a_sweep_leaves_what_the_undo_of_many_files_needs(world: World, beside, nothing_young):
    before = look(world.path)
    action = world.run("for i in $(seq 400); do echo $i > $i; done", mode=Mode.COMMIT)
    assert beside(lambda actions: actions.collect_garbage())["expired"] == 0
    assert world.undo(action).done
    assert look(world.path) == before
    beside(lambda actions: actions.collect_garbage())
    again = world.redo(action)
    assert again.done and world.undo(again.action).done


def test_what_is_past_its_time_is_let_go_once_and_does_not_stand_in_the_way(world: World, beside, nothing_young):
    old = world.run("echo 1 > a", mode=Mode.COMMIT)
    undone = world.run("echo 1 > b", mode=Mode.COMMIT)
    world.undo(undone)
    assert beside(lambda actions: actions.collect_garbage(), keep_s=0)["expired"] >= 2
    assert beside(lambda actions: actions.collect_garbage(), keep_s=0)["expired"] == 0
    assert (world.status(old), world.status(undone)) == ("EXPIRED", "UNDONE")
    with pytest.raises(grpc.RpcError) as raised:
        world.redo(undone)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
    action = world.run("echo 2 > c", mode=Mode.COMMIT)
    assert world.undo(action).done
    assert not (world.path / "c").exists()


def test_a_transition_is_recovered_while_the_process_that_ran_the_action_lives(world: World, beside):
    action = world.run("echo 1 > a", mode=Mode.COMMIT)

    async def cut_short(actions: ActionRuntime) -> None:
        actions._parts.journal.append("undo_begin", {"mode": ""}, action=action.id, session=str(world.path))

    beside(cut_short)
    assert world.status(action) == "UNDOING"
    beside(lambda actions: actions.recover())
    assert world.status(action) == "COMMITTED"
    assert world.undo(action).done


def test_an_undo_that_was_cut_short_leaves_the_action_where_it_was_in_the_order(world: World, beside):
    first = world.run("echo 1 > a", mode=Mode.COMMIT)
    world.run("echo 2 > a", mode=Mode.COMMIT)

    async def cut_short(actions: ActionRuntime) -> None:
        actions._parts.journal.append("undo_begin", {"mode": ""}, action=first.id, session=str(world.path))

    beside(cut_short)
    undone = world.undo(first)
    assert not undone.done and "later actions stand on it" in undone.message
    assert world.undo(first, later=action_pb2.UndoRequest.CASCADE).done
    assert not (world.path / "a").exists()


def test_an_action_that_runs_in_another_process_is_not_recovered(world: World, beside):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(world.run, "sleep 1.5; echo 1 > a")
        listing = action_pb2.ListActionsRequest(workspace=str(world.path))
        while not world.actions.List(listing).actions:
            pass
        beside(lambda actions: actions.recover())
        assert running.result().status == action_pb2.Action.HELD


def test_a_key_that_another_process_took_first_runs_nothing(world: World, monkeypatch, beside):
    first = world.run("echo 1 > a", idempotency_key="k")
    assert world.run("echo 1 > a", idempotency_key="k").id == first.id

    read_on, looks = Keys._read_on, []

    def late(keys: Keys) -> None:
        # The other's record comes between the look at the keys and the record of one's own intent.
        looks.append(keys)
        if len(looks) > 1:
            read_on(keys)

    monkeypatch.setattr(Keys, "_read_on", late)
    request = action_pb2.ExecuteRequest(workspace=str(world.path), command=["sh", "-euc", "echo 1 > a"])
    request.idempotency_key = "k"
    with pytest.raises(JobError, match=first.id) as raised:
        beside(lambda actions: actions.execute(request))
    assert raised.value.reject == "ALREADY_EXISTS"


def test_the_start_survives_an_action_that_cannot_be_dealt_with(world: World, beside):
    async def cut_short(actions: ActionRuntime) -> None:
        journal = actions._parts.journal
        for kind, body in (
            ("planned", {"owner": "gone", "policy": "gone"}),
            ("effect", {"phase": "intent", "key": "k"}),
        ):
            journal.append(kind, body, action=world.path.name, session=str(world.path / "gone"))

    beside(cut_short)
    for _ in range(2):
        beside(lambda actions: actions.recover())
