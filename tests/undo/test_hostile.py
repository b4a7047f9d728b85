"""Actions that mean harm: to the journal, to what is outside of their workspace, to whoever wants to undo them."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.errors import JobError
from sandbox.undo.roots import Roots
from sandbox.v1 import action_pb2, action_pb2_grpc, reward_pb2_grpc
from tests.serving import Serving, serving
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail


@pytest.fixture
def home(acting: Serving) -> Path:
    """The folder of the server that acts."""
    return acting.home


def test_neither_the_journal_nor_the_store_can_be_seen_or_written_from_an_action(world: World, home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home / "state").rglob("*") if path.is_file()}
    answer = world.execute(
        [
            "sh",
            "-c",
            f"ls {home} {world.path.parent}; echo x > {home}/state/journal/x; find / -name '*journal*' -o -name blobs",
        ]
    )
    assert b"state" not in answer.stdout and b"blobs" not in answer.stdout and b"journal" not in answer.stdout
    assert not (home / "state" / "journal" / "x").exists()
    assert {*before} <= {*(home / "state").rglob("*")}
    assert world.actions.Verify(action_pb2.VerifyRequest()).ok


def test_a_workspace_that_holds_the_journal_or_lies_in_it_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    state = home / "state"
    (state / "journal").mkdir(parents=True)
    subprocess.run(["mount", "--bind", home, mounted], check=True)
    roots = Roots([tmp_path, mounted], private=state)
    try:
        for path in (tmp_path, home, state, state / "journal", mounted):
            with pytest.raises(JobError, match="holds the journal, or lies in it") as raised, roots.open(str(path)):
                pass
            assert raised.value.reject == "PERMISSION_DENIED"
        (tmp_path / "beside").mkdir()
        with roots.open(str(tmp_path / "beside")) as workspace:
            assert workspace.name == str(tmp_path / "beside")
    finally:
        roots.close()
        subprocess.run(["umount", mounted], check=True)


def test_the_host_knows_an_action_by_ids_that_nobody_has(world: World) -> None:
    os.chmod(world.path, 0o777)
    running = threading.Thread(target=world.run, args=("exec sleep 7.3179",))
    running.start()
    try:
        found: set[int] = set()
        until = time.monotonic() + 5
        while not found and time.monotonic() < until:
            for path in Path("/proc").glob("[0-9]*"):
                try:
                    if b"7.3179" in (path / "cmdline").read_bytes():
                        found.add(path.stat().st_uid)
                except OSError:
                    continue
    finally:
        running.join()
    assert found and min(found) > 65_535


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_text("theirs")
    (world.path / "d").mkdir()
    (world.path / "d" / "a").write_text("ours")
    action = world.run("echo new > d/a; echo new > d/b; rm -f d/c; chmod 700 d/a")
    os.rename(world.path / "d", world.path / "kept")
    (world.path / "d").symlink_to(outside)
    before = look(outside)
    assert not world.commit(action).done
    assert look(outside) == before


def test_a_race_between_a_folder_and_a_link_never_leads_outside(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_text("theirs")
    before = look(outside)
    (world.path / "d").mkdir()
    (world.path / "link").symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        names = [world.path / each for each in ("d", "link", "spare")]
        while not stop.is_set():
            for one, other in ((0, 2), (1, 0), (0, 1), (2, 0)):
                os.rename(names[one], names[other])

    actions = [world.run(f"echo {number} > d/a; echo {number} > d/b{number}") for number in range(6)]
    racing = threading.Thread(target=swap)
    racing.start()
    try:
        for action in actions:
            for call in (world.commit, world.undo):
                try:
                    call(action)
                except grpc.RpcError as error:
                    assert error.code() is not grpc.StatusCode.UNKNOWN, error
    finally:
        stop.set()
        racing.join()
    assert look(outside) == before


def test_links_that_an_action_made_are_not_followed_by_the_next(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert world.commit(world.run(f"ln -s {outside} out; ln -s / all; ln -s .. up")).done
    world.run(f"echo x > out/f; echo x > all{outside}/f; echo x > up/f || true", mode=Mode.COMMIT)
    assert [*outside.iterdir()] == []
    assert not (world.path.parent / "f").exists()


def test_nodes_that_a_branch_takes_for_deletions_cannot_be_made(world: World) -> None:
    (world.path / "a").write_text("kept")
    before = look(world.path)
    action = world.run("mknod w c 0 0 || mknod w b 0 0 || mknod a2 c 1 3 || echo refused > r", mode=Mode.COMMIT)
    assert (world.path / "r").read_text() == "refused\n"
    assert world.effects(action).keys() == {"files:", "files:r"}
    assert world.undo(action).done and look(world.path) == before


def test_attributes_of_a_branchs_own_are_an_actions_like_any_other(world: World) -> None:
    (world.path / "d").mkdir()
    (world.path / "d" / "a").write_text("kept")
    before = look(world.path)
    action = world.run(
        "for name in user trusted; do setfattr -n $name.overlay.opaque -v y d || true; done; echo x > d/b"
    )
    assert "files:d/a" not in world.effects(action)
    if world.commit(action).done:
        assert (world.path / "d" / "a").read_text() == "kept"
        assert world.undo(action).done
    assert look(world.path) == before


@pytest.mark.parametrize("name", [".sandbox-stage-x", f".sandbox-stage-{'0' * 32}"])
@pytest.mark.parametrize("what", ["mkdir {0}; echo x > {0}/ready", "echo x > {0}", "ln -s / {0}"])
def test_what_is_called_as_our_own_stages_stands_in_nobodys_way(world: World, name: str, what: str) -> None:
    before = look(world.path)
    try:
        action = world.run(f"{what.format(name)}; echo ours > a")
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert ".sandbox-stage-" in error.details()
    else:
        try:
            if world.commit(action).done:
                assert world.undo(action).done
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert ".sandbox-stage-" in error.details()
    assert look(world.path) == before
    later = world.run("echo b > b", mode=Mode.COMMIT)
    assert world.status(later) == "COMMITTED" and world.undo(later).done and look(world.path) == before


@pytest.mark.parametrize("depth", [300, pytest.param(5000, marks=pytest.mark.campaign)])
def test_a_tree_thousands_of_folders_deep_comes_and_goes(world: World, depth: int) -> None:
    before = look(world.path)
    action = world.run(
        f"python3 -c \"import os\nfor n in range({depth}):\n os.mkdir('d'); os.chdir('d')\nopen('f', 'w').write('x')\"",
    )
    try:
        done = world.commit(action).done
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION, error
        assert world.undo(action).done
    else:
        assert done and world.undo(action).done
    assert look(world.path) == before


@pytest.mark.campaign
def test_a_hundred_thousand_files_are_bounded_by_the_branch_and_what_there_is_comes_and_goes(world: World) -> None:
    before = look(world.path)
    action = world.run("python3 -c \"for n in range(100_000): open(str(n), 'w').close()\" || true")
    assert 60_000 < action.effects <= 65_536
    assert world.actions.Commit(action_pb2.CommitRequest(id=action.id), timeout=300).done
    assert len(os.listdir(world.path)) == action.effects - 1
    assert world.actions.Undo(action_pb2.UndoRequest(id=action.id), timeout=300).done
    assert look(world.path) == before


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """A server whose store holds 1 MiB, and whose policy holds an action for a second."""
    policies = tmp_path / "policies"
    shutil.copytree(Path(__file__).parents[2] / "policies", policies)
    (policies / "brief.toml").write_text(
        'name = "brief"\ndescription = "x"\nextends = "actions"\n[actions]\nhold_s = 1\n'
    )
    (tmp_path / "workspace").mkdir()
    home = str(tmp_path / "home")
    with (
        serving(home, roots=[str(tmp_path)], policies=str(policies), store_bytes=1 << 20) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        actions, rewards = action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel)
        yield World(tmp_path / "workspace", actions, rewards)


def test_an_action_that_fills_the_store_fails_by_its_own_doing_and_others_go_on(small: World) -> None:
    before = look(small.path)
    with pytest.raises(grpc.RpcError) as raised:
        small.run("head -c 3000000 /dev/urandom > large", mode=Mode.COMMIT)
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "store" in raised.value.details() and "full" in raised.value.details()
    (failed,) = small.actions.List(action_pb2.ListActionsRequest()).actions
    assert small.status(failed) == "FAILED"
    assert "full" in failed.error
    assert look(small.path) == before
    action = small.run("echo x > a", mode=Mode.COMMIT)
    assert small.undo(action).done and look(small.path) == before


def test_a_commit_that_needs_more_room_than_the_store_has_changes_nothing(small: World) -> None:
    (small.path / "large").write_bytes(os.urandom(3_000_000))
    before = look(small.path)
    try:
        action = small.run("rm large; echo x > a")
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    else:
        with pytest.raises(grpc.RpcError) as raised:
            small.commit(action)
        assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert "full" in raised.value.details()
        assert small.status(action) == "HELD"
    assert look(small.path) == before


def test_what_was_held_beyond_its_time_is_dropped_and_not_committed(small: World) -> None:
    action = small.run("echo x > a", policy="brief")
    assert action.expires_ms
    while time.time() * 1000 < action.expires_ms:
        time.sleep(0.05)
    with pytest.raises(grpc.RpcError) as raised:
        small.commit(action)
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert small.status(action) == "DISCARDED"
    assert not (small.path / "a").exists()
