"""A server and another process on one home at the same time: they share the journal, the store and the workspaces."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from sandbox.errors import JobError
from sandbox.journal.journal import Journal
from sandbox.settings import Settings
from sandbox.undo import keys, open_actions, recovery, retention
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.undo.keys import Keys
from sandbox.undo.recording import Recorder
from sandbox.undo.recovery import Recovery
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


@pytest.mark.parametrize("verb", ["commit", "undo"])
@pytest.mark.parametrize("rows", [3, 2_000])
def test_rows_of_a_transition_that_was_cut_short_are_before_or_after(rows, verb, world: World, beside, monkeypatch):
    with contextlib.closing(sqlite3.connect(world.path / "shop.db")) as db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)")
    source = f"import sqlite3\nwith sqlite3.connect('shop.db') as db:\n    for n in range({rows}):\n"
    source += "        db.execute('INSERT INTO t VALUES (?, ?)', (n, 'a note'))\n"
    databases = [action_pb2.Database(name="shop.db", mode=action_pb2.Database.JOURNAL)]
    action = world.execute(["python3", "-c", source], databases=databases).action
    if verb == "undo":
        assert world.commit(action).done
    append = Recorder.append

    def dying(recorder: Recorder, kind: str, *rest: object, **more: object) -> None:
        if kind in ("promoted", "undo_end"):
            raise OSError("cut short")
        append(recorder, kind, *rest, **more)

    async def cut_short(actions: ActionRuntime) -> None:
        with monkeypatch.context() as patched, pytest.raises(JobError, match="cut short"):
            patched.setattr(Recorder, "append", dying)
            if verb == "commit":
                await actions.commit(action_pb2.CommitRequest(id=action.id))
            else:
                await actions.undo(action_pb2.UndoRequest(id=action.id))
        assert any(f"its {verb} was cut short" in said for said in await actions.recover())

    beside(cut_short)
    status = world.status(action)
    assert status in {"commit": ("COMMITTED", "HELD"), "undo": ("COMMITTED", "UNDONE")}[verb]
    with contextlib.closing(sqlite3.connect(world.path / "shop.db")) as db:
        assert db.execute("SELECT count(*) FROM t").fetchone() == (rows if status == "COMMITTED" else 0,)
    undone = world.undo(action)
    assert undone.done, undone
    with contextlib.closing(sqlite3.connect(world.path / "shop.db")) as db:
        assert db.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_the_start_survives_a_disk_that_spoilt_what_an_undo_needs(world: World, beside):
    action = world.run("echo 1 > a", mode=Mode.COMMIT)

    async def spoil(actions: ActionRuntime) -> None:
        journal, blobs = actions._parts.journal, actions._parts.home.blobs
        for kind, body in (("undo_begin", {"mode": ""}), ("transition", {"backend": "files", "to": "pre"})):
            journal.append(kind, body, action=action.id, session=str(world.path))
        (path,) = blobs.folder.rglob(f"*{actions._parts.states.get(action.id).effects[2:]}")
        path.chmod(0o600)
        path.write_bytes(b"rot")

    beside(spoil)
    assert any("does not hold what its name says" in said for said in beside(lambda actions: actions.recover()))
    assert world.status(action) == "IN_DOUBT"
    with pytest.raises(grpc.RpcError) as raised:
        world.actions.Diff(action_pb2.DiffRequest(id=action.id))
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert (world.path / "a").read_text() == "1\n"


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


def test_of_very_many_keys_the_last_are_known(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(keys, "_KEYS", 3)
    monkeypatch.setattr(keys, "_RECORDS", 8)

    async def led_to(known: Keys, key: str) -> str:
        async with known.turn("w", key, "request") as action:
            return action

    with Journal(tmp_path / "journal") as journal:
        for number in range(10):
            body = {"idempotency_key": f"k{number}", "request": "request"}
            journal.append("planned", body, action=f"a{number}", session="w")
        known = Keys(journal)
        assert [asyncio.run(led_to(known, f"k{number}")) for number in (0, 6, 7, 9)] == ["", "", "a7", "a9"]
        journal.append("planned", {"idempotency_key": "k10", "request": "request"}, action="a10", session="w")
        assert [asyncio.run(led_to(known, key)) for key in ("k7", "k8", "k10")] == ["", "a8", "a10"]


def test_a_sweep_keeps_the_evidence_of_rewards_and_what_began_since_the_last_one(
    tmp_path: Path, roots: Path, nothing_young
):
    async def main() -> None:
        async with open_actions(Settings(state=tmp_path / "state", workspace_roots=(roots,)), None) as actions:
            home, journal = actions._parts.home, actions._parts.journal
            evidence, pre_image = (home.blobs.put_bytes(each) for each in (b"evidence", b"pre-image"))
            journal.append("reward", {"value": 1, "vector_blob": evidence})
            journal.append("planned", {"pre": pre_image}, action="b", session="w")
            journal.append("discarded", {"by": "x"}, action="b", session="w")
            for _ in range(2):
                await actions.collect_garbage()
            assert home.blobs.read(evidence) == b"evidence"
            with pytest.raises(FileNotFoundError):
                home.blobs.read(pre_image)
            kept = home.blobs.put_bytes(b"another")
            journal.append("planned", {"owner": "gone", "pre": kept}, action="c", session="w")
            await actions.collect_garbage()
            assert home.blobs.read(kept) == b"another"

    asyncio.run(main())


@pytest.mark.parametrize("named", [2, 1_000], ids=["more than are named", "all named"])
def test_what_is_open_is_found_again_however_many_and_whenever_they_came(named, world: World, beside, monkeypatch):
    monkeypatch.setattr(recovery, "_MOST_OPEN", named)
    names = [f"{world.path.name}-{number}" for number in range(5)]
    looked_at, looks = Recovery._looked_at, []

    def refusing(looking: Recovery, action: str) -> str:
        if action in names:
            looks.append(action)
            if looks == names[:3]:
                # Another process begins two more, behind what this look reads.
                begin(looking, names[3:])
            if len(looks) <= 3:
                looking._still_open.append(action)
                return ""
        return looked_at(looking, action)

    def begin(looking: Recovery, actions: list[str]) -> None:
        for name in actions:
            looking._journal.append("planned", {"owner": "gone"}, action=name, session=str(world.path))

    async def look(actions: ActionRuntime) -> list[str]:
        begin(actions._parts.recovery, names[:3])
        monkeypatch.setattr(Recovery, "_looked_at", refusing)
        await actions.recover()
        return await actions.recover()

    found = " ".join(beside(look))
    assert looks == [*names[:3], *names]
    assert all(f"{name}: cut short" in found for name in names)


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
