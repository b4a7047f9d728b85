"""Branches: opened, read, forked, thrown away; and what somebody else changes meanwhile."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.branch import Branch, Branches, open_branches
from sandbox.effects.branches.trash import emptied
from tests.files.acts import OLD, remove_tree, tree, write
from tests.files.inside import inside

pytestmark = pytest.mark.jail


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    tree(folder)
    return folder


@pytest.fixture(params=["overlay", "copy"])
def branches(request: pytest.FixtureRequest, workspace: Path) -> Iterator[Branches]:
    found = open_branches(workspace, backend=request.param)
    yield found
    found.close()


def paths(branch: Branch) -> list[bytes]:
    return [change.path for change in branch.collect().changes]


def test_the_best_backend_that_works_is_taken(workspace: Path) -> None:
    branches = open_branches(workspace)
    assert branches.backend == "overlay"
    branches.close()


def test_new_contents_are_in_the_store_and_old_ones_are_not(branches: Branches, tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", 1 << 24)
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, lambda: (write("f", b"new bytes"), write("n", bytes(1 << 17) + b"!"), os.chmod("large", 0o600)))
        found = {change.path: change for change in branch.collect(blobs).changes}
    post = found[b"f"].post
    assert post and blobs.read(post.content) == b"new bytes"
    sparse = found[b"n"].post
    assert sparse and (sparse.holes, blobs.read(sparse.content)) == (((0, 1 << 17),), b"!")
    large = found[b"large"]
    assert large.pre and large.post and large.pre.content == large.post.content
    assert not blobs.has(large.pre.content) and not blobs.has(found[b"f"].pre.content)  # type: ignore[union-attr]
    blobs.close()


def test_a_collection_can_go_on_from_the_one_before(branches: Branches) -> None:
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, lambda: (write("f", b"once"), write("g", b"for good"), os.rename("e", "n")))
        first = branch.collect(moves=False)
        inside(branch, lambda: (write("f", b"twice"), write("new"), os.unlink("n/b")))
        second = branch.collect(previous=first)
        inside(branch, lambda: os.unlink("new"))
        third = branch.collect(previous=branch.collect(moves=False))
    assert [change.path for change in second.changes] == [b"", b"f", b"n", b"n/b", b"new"]
    before = {change.path: change.post for change in first.changes}
    assert all(change.pre == before.get(change.path) for change in second.changes)
    assert third.changes == ()


def test_a_branch_is_read_without_ending_it(branches: Branches) -> None:
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, lambda: write("f", b"changed"))
        assert branch.read(b"f", 4) == b"chan"
        assert branch.read(b"d/s/deep", 100) == b"in s"
        inside(branch, lambda: write("f", b"CHANGED"))
        assert branch.read(b"f", 100) == b"CHANGED"


def test_a_branch_outlives_the_mount_namespace_that_it_was_seen_in(branches: Branches) -> None:
    with branches.open(64 << 20, 1_000) as branch:
        for number in range(3):
            assert inside(branch, lambda number=number: (write(f"n{number}"), len(os.listdir(".")))[1]) == 11 + number
        assert paths(branch) == [b"", b"n0", b"n1", b"n2"]


def test_branches_do_not_see_each_other(branches: Branches) -> None:
    with branches.open(64 << 20, 1_000) as one, branches.open(64 << 20, 1_000) as other:
        inside(one, lambda: write("f", b"one"))
        inside(other, lambda: write("f", b"other"))
        assert (one.read(b"f", 9), other.read(b"f", 9)) == (b"onee"[:3] + b"e", b"other")


def test_a_discarded_branch_gives_back_all_descriptors_and_folders(workspace: Path, tmp_path: Path) -> None:
    for disk in (None, tmp_path / "scratch"):
        branches = open_branches(workspace, disk=disk)
        assert emptied()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            with branches.open(1 << 20, 1_000) as branch:
                inside(branch, lambda: write("n"))
                for child in branch.fork(2):
                    inside(child, lambda: write("m"))
                    child.collect()
                    child.discard()
                    child.discard()
        assert emptied()
        assert len(os.listdir("/proc/self/fd")) == before
        branches.close()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_forks_start_from_what_was_done_and_do_not_see_each_other(branches: Branches) -> None:
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, lambda: (write("f", b"base"), remove_tree("d"), os.rename("e", "moved"), write("two", b"!!")))
        forks = branch.fork(3)
        branch.discard()
        for number, fork in enumerate(forks):
            assert paths(fork) == []
            assert (fork.read(b"f", 9), fork.read(b"one", 9), fork.read(b"moved/b", 9)) == (b"base", b"!!ared", b"in e")

            def act(number: int = number) -> None:
                write("f", b"%d" % number)
                os.rename("moved", "again")
                os.mkdir("d")
                write("one", b"ONE")

            inside(fork, act)
        for number, fork in enumerate(forks):
            found = {change.path: change for change in fork.collect().changes}
            assert fork.read(b"f", 1) == b"%d" % number
            assert fork.read(b"two", 9) == b"ONEred"
            assert {b"", b"f", b"d", b"one", b"two", b"again"} <= set(found)
            assert found[b"d"].pre is None
            one = found[b"one"]
            assert one.pre and one.post and (one.pre.links, one.post.links, one.post.nlink) == ((b"two",), (b"two",), 2)
            if fork.backend == "overlay":
                assert found[b"again"].moved_from == b"moved"
                (grandchild,) = fork.fork(1)
                assert paths(grandchild) == []
                assert grandchild.read(b"again/b", 9) == b"in e"
                grandchild.discard()
            fork.discard()


FOREIGN: dict[str, tuple[Callable[[], object], Callable[[], object], bytes]] = {
    "changed there, changed here": (lambda: write("f", b"mine"), lambda: write("f", b"theirs"), b"f"),
    "changed there, deleted here": (lambda: os.unlink("f"), lambda: write("f", b"theirs"), b"f"),
    "deleted there, changed here": (lambda: write("f", b"mine"), lambda: os.unlink("f"), b"f"),
    "made there, made here": (lambda: write("n", b"mine"), lambda: write("n", b"theirs"), b"n"),
    "mode there, content here": (lambda: write("f", b"mine"), lambda: os.chmod("f", 0o600), b"f"),
    "made in a folder there, folder deleted here": (lambda: remove_tree("d"), lambda: write("d/n", b"theirs"), b"d/n"),
    "mode of a folder there and here": (lambda: os.chmod("d", 0o711), lambda: os.chmod("d", 0o700), b"d"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_somebody_else_changed_meanwhile_is_foreign(workspace: Path, case: str) -> None:
    mine, theirs, path = FOREIGN[case]
    branches = open_branches(workspace)
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, mine)
        os.chdir(workspace)
        theirs()
        foreign = [difference.resource for difference in branch.collect().foreign]
        assert f"files:{path.decode()}" in foreign
    branches.close()


def test_a_change_right_after_the_branch_was_opened_is_foreign_and_one_right_before_is_not(workspace: Path) -> None:
    branches = open_branches(workspace)
    for number in range(100):
        (workspace / "f").write_text(f"before {number}")
        with branches.open(1 << 20, 100) as branch:
            (workspace / "g").write_text(f"after {number}")
            os.unlink("f", dir_fd=branch.mount)
            os.unlink("g", dir_fd=branch.mount)
            assert [each.resource for each in branch.collect().foreign] == ["files:g"]
    branches.close()


def test_what_somebody_else_changed_elsewhere_is_not_foreign(workspace: Path) -> None:
    branches = open_branches(workspace)
    with branches.open(64 << 20, 1_000) as branch:
        inside(branch, lambda: (write("f", b"mine"), write("d/new"), write("g", b"", os.O_APPEND)))
        (workspace / "d/theirs").write_text("new")
        (workspace / "link").unlink()
        found = branch.collect()
        assert found.foreign == ()
        # Of `d` only the mtime can differ, and both may have got the same one.
        assert [change.path for change in found.changes if change.path != b"d"] == [b"d/new", b"f"]
    branches.close()


def test_a_large_files_mode_is_changed_without_copying_it(workspace: Path) -> None:
    with (workspace / "huge").open("wb") as file:
        file.write(bytes([1]) * (64 << 20))
    branches = open_branches(workspace)
    with branches.open(1 << 20, 100) as branch:
        inside(branch, lambda: os.chmod("huge", 0o600))
        assert paths(branch) == [b"huge"]
    branches.close()


def test_opening_takes_the_same_time_for_a_workspace_a_thousand_times_as_large(tmp_path: Path) -> None:
    took = []
    for files in (10, 10_000):
        folder = tmp_path / str(files)
        folder.mkdir()
        for number in range(files):
            (folder / str(number)).touch()
        branches = open_branches(folder)
        rounds = []
        for _ in range(20):
            start = time.perf_counter()
            branches.open(1 << 20, 100).discard()
            rounds.append(time.perf_counter() - start)
        took.append(min(rounds))
        branches.close()
    assert took[1] < 0.002 and took[1] < took[0] * 5 + 0.001


def test_renames_out_of_hundreds_of_folders_into_one_do_not_run_out_of_descriptors(workspace: Path) -> None:
    (workspace / "into").mkdir()
    for number in range(300):
        (workspace / f"from{number}/m{number}").mkdir(parents=True)
        (workspace / f"into/f{number}").write_text(f"old {number}")

    def act() -> None:
        for number in range(300):
            os.rename(f"from{number}/m{number}", f"into/m{number}")
            write(f"into/f{number}", b"NEW")

    branches = open_branches(workspace)
    with branches.open(8 << 20, 2_000) as branch:
        inside(branch, act)
        found = {change.path: change for change in branch.collect().changes}
    for number in range(300):
        assert found[b"into/m%d" % number].moved_from == b"from%d/m%d" % (number, number)
        pre = found[b"into/f%d" % number].pre
        assert pre and pre.content == hashlib.sha256(b"old %d" % number).hexdigest()
    assert len(found) == 901
    branches.close()


def test_a_branch_on_disk_is_as_one_in_memory(workspace: Path, tmp_path: Path) -> None:
    branches = open_branches(workspace, disk=tmp_path / "scratch")
    with branches.open(1 << 20, 1_000) as branch:
        inside(branch, lambda: (write("two", b"!!"), os.rename("d", "n"), os.chmod("large", 0o600)))
        found = branch.collect().changes
        assert [(change.path, change.moved_from) for change in found] == [
            (b"", None),
            (b"large", None),
            (b"n", b"d"),
            (b"one", None),
            (b"two", None),
        ]
    assert any("disk" in limit for limit in branches.limits)
    branches.close()


def test_the_roots_name_the_states_and_no_effect_is_no_change_of_them(workspace: Path) -> None:
    branches = open_branches(workspace)
    roots = []
    for _ in range(2):
        with branches.open(1 << 20, 1_000) as branch:
            inside(branch, lambda: (write("f", b"same"), os.utime("f", ns=(OLD, 5))))
            found = branch.collect()
            roots.append((found.pre_root, found.post_root))
        with branches.open(1 << 20, 1_000) as branch:
            found = branch.collect()
            assert found.pre_root == found.post_root
    assert roots[0] == roots[1] and roots[0][0] != roots[0][1]
    branches.close()


@pytest.mark.parametrize(
    "act",
    [
        lambda: os.chmod(".", 0o711),
        lambda: os.utime(".", ns=(1, 1)),
        lambda: os.setxattr(".", "user.note", b"1"),
        lambda: (os.mkdir("new"), os.rmdir("new"), os.utime(".", ns=(1, 1))),
    ],
    ids=["mode", "mtime", "xattr", "made and removed"],
)
def test_what_was_done_to_the_root_alone_is_seen_though_the_layer_holds_no_name(
    branches: Branches, act: Callable[[], object]
) -> None:
    with branches.open(64 << 20, 1_000) as branch:
        assert branch.collect().changes == ()
        inside(branch, act)
        assert [change.path for change in branch.collect().changes] == [b""]
