"""Actions from end to end, through the real server: run, held, looked at, committed, undone, redone."""

from __future__ import annotations

import os

import grpc
import pytest

from sandbox.v1 import action_pb2
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail
LATER = action_pb2.UndoRequest.LaterWriters


def test_nothing_that_an_action_does_is_seen_before_it_is_committed(world: World):
    before = look(world.path)
    action = world.run("echo hi > a; mkdir d")
    assert look(world.path) == before
    assert world.status(action) == "HELD"
    assert world.effects(action) == {"files:": "modify", "files:a": "create", "files:d": "create"}
    assert world.commit(action).done
    assert (world.path / "a").read_text() == "hi\n"


def test_undo_leaves_what_was_there_before_and_twice_is_once(world: World):
    (world.path / "a").write_text("old")
    before = look(world.path)
    action = world.run("echo new > a; chmod 600 a; mkdir -p x/y; ln -s a l; ln a b", mode=Mode.COMMIT)
    assert world.status(action) == "COMMITTED" and look(world.path) != before
    assert world.undo(action).done
    assert look(world.path) == before
    assert world.undo(action).done
    assert look(world.path) == before


def test_redo_leaves_what_the_action_left_without_running_it(world: World):
    action = world.run("date +%N > a; echo $$ > b; mkfifo p", mode=Mode.COMMIT)
    after = look(world.path)
    world.undo(action)
    again = world.redo(action)
    assert again.done and again.action.redo_of == action.id and again.action.id != action.id
    assert look(world.path) == after
    assert world.undo(again.action).done
    assert world.actions.Get(action_pb2.GetActionRequest(id=action.id)).redone_by == again.action.id


def test_committing_twice_is_committing_once(world: World):
    action = world.run("echo hi > a")
    assert world.commit(action).done
    after = look(world.path)
    assert world.commit(action).done
    assert look(world.path) == after


def test_undo_of_a_held_action_drops_it(world: World):
    action = world.run("echo hi > a")
    assert world.undo(action).done
    assert world.status(action) == "DISCARDED"
    with pytest.raises(grpc.RpcError) as raised:
        world.commit(action)
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_undo_says_what_an_action_was_that_never_came_into_the_workspace(world: World):
    held = world.run("echo hi > a")
    assert "would be dropped" in world.undo(held, dry_run=True).message
    assert world.status(held) == "HELD"
    denied = world.run("mkdir private; echo hi > private/a", policy="narrow")
    for dry_run in (True, False):
        assert world.undo(denied, dry_run=dry_run).message == "it is denied: nothing of it is in the workspace"
    assert world.status(denied) == "DENIED"


def test_undo_of_an_action_without_effects_succeeds_and_says_so(world: World):
    action = world.run("true")
    answer = world.undo(action)
    assert answer.done and "no effects" in answer.message


def test_commit_promotes_only_after_exit_code_0(world: World):
    action = world.run("echo hi > a; exit 3", mode=Mode.COMMIT)
    assert action.exit_code == 3 and world.status(action) == "HELD"
    assert not (world.path / "a").exists()


def test_a_dry_run_tells_its_effects_and_drops_them(world: World):
    action = world.run("echo hi > a", mode=Mode.DRY_RUN)
    assert world.status(action) == "DISCARDED"
    assert "files:a" in world.effects(action)
    assert not (world.path / "a").exists()


def test_somebody_elses_change_is_a_conflict_and_nothing_is_changed(world: World):
    (world.path / "a").write_text("old")
    (world.path / "b").write_text("old")
    action = world.run("echo new > a; echo new > b", mode=Mode.COMMIT)
    (world.path / "b").write_text("theirs")
    before = look(world.path)
    answer = world.undo(action)
    assert not answer.done
    assert {each.resource for each in answer.conflicts} == {"files:b"}
    assert look(world.path) == before
    assert world.status(action) == "COMMITTED"


def test_a_file_that_somebody_made_again_with_the_same_bytes_is_not_removed(world: World):
    action = world.run("echo hi > a", mode=Mode.COMMIT)
    status = (world.path / "a").stat()
    (world.path / "other").write_text("hi\n")
    os.utime(world.path / "other", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.rename(world.path / "other", world.path / "a")
    assert not world.undo(action).done
    assert (world.path / "a").read_text() == "hi\n"


def test_what_was_changed_while_the_action_was_held_is_not_overwritten(world: World):
    (world.path / "a").write_text("old")
    action = world.run("echo new > a")
    (world.path / "a").write_text("theirs")
    answer = world.commit(action)
    assert not answer.done and answer.conflicts
    assert (world.path / "a").read_text() == "theirs"
    assert world.status(action) == "HELD"


def test_actions_that_have_nothing_in_common_are_undone_in_any_order(world: World):
    first = world.run("echo 1 > a", mode=Mode.COMMIT)
    second = world.run("echo 2 > b", mode=Mode.COMMIT)
    assert world.undo(first).done
    assert sorted(os.listdir(world.path)) == ["b"]
    assert world.undo(second).done
    assert os.listdir(world.path) == []


def test_an_action_that_later_ones_stand_on_is_not_undone_alone(world: World):
    before = look(world.path)
    first = world.run("mkdir d; echo 1 > d/a", mode=Mode.COMMIT)
    second = world.run("echo 2 >> d/a", mode=Mode.COMMIT)
    third = world.run("echo 3 > other", mode=Mode.COMMIT)
    refused = world.undo(first)
    assert not refused.done and [each.resource for each in refused.conflicts] == [f"action:{second.id}"]
    undone = world.undo(first, later=LATER.CASCADE)
    assert undone.done and list(undone.actions) == [second.id, first.id]
    assert sorted(os.listdir(world.path)) == ["other"]
    assert world.undo(third).done
    # The folder's own time was another's to keep meanwhile.
    assert {**look(world.path), ".": ()} == {**before, ".": ()}


def test_a_cascade_that_meets_a_conflict_changes_nothing(world: World):
    first = world.run("echo 1 > a; echo 1 > c", mode=Mode.COMMIT)
    second = world.run("echo 2 >> a", mode=Mode.COMMIT)
    (world.path / "c").write_text("theirs")
    before = {name: facts[-1] for name, facts in look(world.path).items()}
    assert not world.undo(first, later=LATER.CASCADE).done
    assert {name: facts[-1] for name, facts in look(world.path).items()} == before
    assert [world.status(each) for each in (first, second)] == ["COMMITTED", "COMMITTED"]


def test_going_back_to_an_action_undoes_all_after_it(world: World):
    first = world.run("echo 1 > a", mode=Mode.COMMIT)
    after = look(world.path)
    for number in (2, 3, 4):
        world.run(f"echo {number} >> a; echo > f{number}", mode=Mode.COMMIT)
    answer = world.actions.Undo(action_pb2.UndoRequest(to=first.id))
    assert answer.done and len(answer.actions) == 3
    assert look(world.path) == after


def test_a_dry_run_of_undo_says_what_it_would_do(world: World):
    action = world.run("echo hi > a", mode=Mode.COMMIT)
    answer = world.undo(action, dry_run=True)
    assert answer.done and list(answer.actions) == [action.id]
    assert (world.path / "a").exists() and world.status(action) == "COMMITTED"


def test_the_same_key_is_answered_by_the_same_action_and_another_request_is_refused(world: World):
    first = world.execute(["sh", "-c", "echo out; date +%N > a"], idempotency_key="k")
    second = world.execute(["sh", "-c", "echo out; date +%N > a"], idempotency_key="k")
    assert second.action.id == first.action.id and second.stdout == first.stdout == b"out\n"
    with pytest.raises(grpc.RpcError) as raised:
        world.execute(["true"], idempotency_key="k")
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "idempotency_key" in raised.value.details()


def test_an_action_is_its_workspaces_owners_peer(world: World):
    os.chown(world.path, 1234, 1234)
    (world.path / "theirs").write_text("x")
    os.chown(world.path / "theirs", 77, 88)
    action = world.run("id -u > me; chown 5:6 theirs; stat -c %u:%g theirs >> me", mode=Mode.COMMIT)
    assert action.exit_code == 0
    assert (world.path / "me").read_text() == "1234\n5:6\n"
    status = (world.path / "theirs").stat()
    assert (status.st_uid, status.st_gid) == (5, 6)
    assert (world.path / "me").stat().st_uid == 1234
    assert world.undo(action).done
    assert (world.path / "theirs").stat().st_uid == 77


def test_names_of_any_bytes_come_and_go(world: World):
    before = look(world.path)
    action = world.run("printf x > \"$(printf 'a\\377\\nb')\"; printf x > -rf; mkdir '*'", mode=Mode.COMMIT)
    effects = world.actions.Diff(action_pb2.DiffRequest(id=action.id)).effects
    assert b"a\xff\nb" in {effect.resource_bytes for effect in effects}
    assert b"a\xff\nb" in os.listdir(os.fsencode(world.path))
    assert world.undo(action).done and look(world.path) == before


def test_what_an_action_leaves_running_is_dead_before_its_effects_are_collected(world: World):
    action = world.run("(sleep 0.2; echo late > late) & (setsid sh -c 'sleep 0.2; echo late > later') & echo now > now")
    assert set(world.effects(action)) == {"files:", "files:now"}


@pytest.mark.parametrize("path", ["/", "/etc", "../outside", "roots/../../etc", "", "a\0b"])
def test_a_folder_that_is_under_no_root_is_refused(world: World, path: str):
    with pytest.raises(grpc.RpcError) as raised:
        world.actions.Execute(action_pb2.ExecuteRequest(workspace=path, command=["true"]))
    assert raised.value.code() in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.NOT_FOUND,
    )
    assert "workspace" in raised.value.details()


def test_a_link_is_not_followed_to_a_workspace(world: World):
    (world.path / "link").symlink_to("/etc")
    with pytest.raises(grpc.RpcError) as raised:
        world.actions.Execute(action_pb2.ExecuteRequest(workspace=str(world.path / "link"), command=["true"]))
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_the_journal_proves_itself_and_the_world(world: World):
    action = world.run("echo hi > a", mode=Mode.COMMIT)
    proven = world.actions.Verify(action_pb2.VerifyRequest(id=action.id))
    assert proven.ok and proven.records > 0 and not proven.problems
    later = world.actions.Verify(action_pb2.VerifyRequest(checkpoint=proven.checkpoint))
    assert later.ok
    (world.path / "a").write_text("theirs")
    broken = world.actions.Verify(action_pb2.VerifyRequest(id=action.id))
    assert not broken.ok and {each.resource for each in broken.differences} == {"files:a"}


def test_actions_are_watched_as_they_change(world: World):
    stream = world.actions.Watch(action_pb2.WatchRequest(workspace=str(world.path), from_record=1), timeout=60)
    action = world.run("echo hi > a", mode=Mode.COMMIT)
    kinds = []
    for change in stream:
        if change.action.id == action.id:
            kinds.append(change.kind)
            if change.kind == "promoted":
                break
    stream.cancel()
    assert kinds[0] == "planned" and "executed" in kinds


def test_a_branch_keeps_what_its_actions_left_and_others_do_not_see_it(world: World):
    for number in range(3):
        world.run(f"echo {number} >> log", branch="a")
    other = world.execute(["cat", "log"], branch="b")
    assert other.action.exit_code == 1
    forked = world.execute(["sh", "-c", "echo c >> log; cat log"], branch="c", branch_from="a")
    assert forked.stdout == b"0\n1\n2\nc\n"
    assert world.execute(["cat", "log"], branch="a").stdout == b"0\n1\n2\n"
    assert os.listdir(world.path) == []
    dropped = world.actions.Undo(action_pb2.UndoRequest(branch="a"))
    assert dropped.done and len(dropped.actions) == 3
    for name in ("b", "c"):
        world.actions.Undo(action_pb2.UndoRequest(branch=name))


def test_actions_of_a_branch_are_committed_in_their_order(world: World):
    first = world.run("echo 1 > log", branch="line")
    second = world.run("echo 2 >> log", branch="line")
    assert not world.commit(second).done
    assert world.commit(first).done and world.commit(second).done
    assert (world.path / "log").read_text() == "1\n2\n"
    world.actions.Undo(action_pb2.UndoRequest(branch="line"))
    assert (world.path / "log").exists()
