"""What a hostile action does in its branch reaches nothing else, and hides nothing from who looks at it."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.branches.branch import Branch, Branches, open_branches
from sandbox.effects.branches.mounts import attach, tmpfs
from sandbox.effects.branches.paths import Folders
from sandbox.effects.branches.upper import scan
from tests.files.acts import tree, write
from tests.files.deep import make_deep
from tests.files.inside import inside

pytestmark = pytest.mark.jail


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    tree(folder)
    return folder


@pytest.fixture
def branches(workspace: Path) -> Iterator[Branches]:
    found = open_branches(workspace)
    assert found.backend == "overlay"
    yield found
    found.close()


@pytest.fixture
def branch(branches: Branches) -> Iterator[Branch]:
    with branches.open(64 << 20, 20_000) as found:
        yield found


def refusal(act: Callable[[], object]) -> int | None:
    """The errno that an act is refused with."""
    try:
        act()
    except OSError as error:
        return error.errno
    return None


FORGERIES: dict[str, tuple[Callable[[], object], int]] = {
    "whiteout": (lambda: os.mknod("f2", 0o020644, 0), errno.EPERM),
    "device": (lambda: os.mknod("null", 0o020666, os.makedev(1, 3)), errno.EPERM),
    "block device": (lambda: os.mknod("disk", 0o060666, os.makedev(8, 0)), errno.EPERM),
    "opaque": (lambda: os.setxattr("d", "trusted.overlay.opaque", b"y"), errno.EPERM),
    "redirect": (lambda: os.setxattr("d", "trusted.overlay.redirect", b"/e"), errno.EPERM),
    "metacopy": (lambda: os.setxattr("f", "trusted.overlay.metacopy", b""), errno.EPERM),
    "a user who is not mapped": (lambda: os.chown("f", 65536, 0), errno.EINVAL),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_marks_of_overlayfs_cannot_be_forged(branch: Branch, name: str) -> None:
    act, number = FORGERIES[name]
    assert inside(branch, lambda: refusal(act)) == number
    assert branch.collect().changes == ()


def test_a_device_that_got_into_a_layer_is_refused_by_name(tmp_path: Path) -> None:
    os.mknod(tmp_path / "disk", 0o060600, os.makedev(7, 0))
    root = os.open(tmp_path, os.O_RDONLY)
    with Folders(root) as folders, pytest.raises(UnsupportedError, match="disk"):
        scan(folders, "trusted.overlay.", 100)
    os.close(root)


def test_a_copy_takes_what_looks_like_a_whiteout_for_a_device(workspace: Path) -> None:
    branches = open_branches(workspace, backend="copy")
    with branches.open(64 << 20, 20_000) as branch:
        inside(branch, lambda: (os.unlink("f"), os.mknod("f", 0o020644, 0)))
        with pytest.raises(UnsupportedError, match="'f' is a device"):
            branch.collect()
    branches.close()


def test_five_thousand_folders_in_each_other_are_collected(branch: Branch) -> None:
    inside(branch, lambda: make_deep(b"n", 5_000))
    changes = branch.collect().changes
    assert len(changes) == 5_001
    assert changes[-1].path == b"/".join([b"n"] * 5_000)


def test_two_folders_on_each_of_two_thousand_levels_are_collected_with_few_descriptors(branch: Branch) -> None:
    def act() -> None:
        home = os.open(".", os.O_RDONLY)
        for _ in range(2_000):
            os.mkdir("a")
            os.mkdir("b")
            os.chdir("a")
        os.fchdir(home)

    inside(branch, act)
    before = len(os.listdir("/proc/self/fd"))
    assert len(branch.collect().changes) == 4_001
    assert len(os.listdir("/proc/self/fd")) == before


def test_more_files_than_allowed_end_in_enospc_inside(branches: Branches) -> None:
    with branches.open(64 << 20, 100) as branch:

        def act() -> int | None:
            return refusal(lambda: [write(f"n{number}") for number in range(1_000)])

        assert inside(branch, act) == errno.ENOSPC
        assert len(branch.collect().changes) < 100


def test_more_bytes_than_allowed_end_in_enospc_inside(branches: Branches) -> None:
    with branches.open(1 << 20, 1_000) as branch:
        assert inside(branch, lambda: refusal(lambda: [write("n", bytes(1 << 16), os.O_APPEND) for _ in range(100)]))
        assert branch.collect().bytes <= 1 << 20


def test_on_disk_more_files_than_allowed_are_refused_when_they_are_collected(workspace: Path, tmp_path: Path) -> None:
    branches = open_branches(workspace, disk=tmp_path / "scratch")
    with branches.open(1 << 20, 100) as branch:
        inside(branch, lambda: [write(f"n{number}", b"") for number in range(200)])
        with pytest.raises(QuotaError, match="100"):
            branch.collect()
    branches.close()


def test_links_out_of_the_branch_are_links_and_are_not_read_through(branch: Branch) -> None:
    inside(branch, lambda: (os.symlink("/etc/passwd", "p"), os.symlink("/etc", "q"), os.symlink("../../..", "d/up")))
    found = {change.path: change.post for change in branch.collect().changes}
    assert found[b"p"] and (found[b"p"].kind, found[b"p"].target) == ("symlink", b"/etc/passwd")
    for path in (b"p", b"q/passwd", b"d/up/etc/passwd", b"../../etc/passwd"):
        with pytest.raises(OSError, match=r"Too many levels|Invalid argument"):
            branch.read(path, 100)


def test_a_pipe_in_place_of_a_file_does_not_block_the_reader(branch: Branch) -> None:
    inside(branch, lambda: (os.unlink("f"), os.mkfifo("f")))
    assert branch.read(b"f", 10) == b""


def test_an_access_list_that_is_not_well_formed_is_refused_by_the_kernel(branch: Branch) -> None:
    assert inside(branch, lambda: refusal(lambda: os.setxattr("f", "system.posix_acl_access", b"\2\0\0\0xyz")))
    assert branch.collect().changes == ()


def test_suid_is_without_effect_in_a_branch(branch: Branch) -> None:
    flags = os.fstatvfs(os.open(".", os.O_RDONLY, dir_fd=branch.mount)).f_flag
    assert flags & os.ST_NOSUID and flags & os.ST_NODEV


def test_files_of_users_who_are_not_mapped_are_nobodys_and_stay_as_they_are(workspace: Path) -> None:
    os.chown(workspace / "f", 70_000, 70_000)
    branches = open_branches(workspace)
    with branches.open(64 << 20, 1_000) as branch:
        assert inside(branch, lambda: os.stat("f").st_uid) == 65534
        assert inside(branch, lambda: refusal(lambda: os.chmod("f", 0o777))) is not None
        assert inside(branch, lambda: refusal(lambda: write("f", b"x"))) is not None
        assert branch.collect().changes == ()
    assert any("65536" in limit for limit in branches.limits)
    branches.close()


def test_a_workspace_of_a_user_who_is_not_mapped_is_refused_by_name(workspace: Path) -> None:
    os.chown(workspace, 70_000, 70_000)
    with pytest.raises(UnsupportedError, match="70000"):
        open_branches(workspace)


def test_what_is_mounted_below_the_workspace_is_not_in_the_branch(workspace: Path) -> None:
    mounted = os.fsencode(workspace / "empty")
    mount = tmpfs(1 << 16, 10)
    attach(mount, mounted)
    os.close(mount)
    try:
        (workspace / "empty/there").write_text("mounted")
        branches = open_branches(workspace)
        with branches.open(64 << 20, 1_000) as branch:
            assert inside(branch, lambda: os.listdir("empty")) == []
            inside(branch, lambda: write("empty/n"))
            assert [change.path for change in branch.collect().changes] == [b"empty", b"empty/n"]
        branches.close()
    finally:
        subprocess.run(["umount", mounted], check=True)


@pytest.mark.parametrize("flag", ["i", "a"])
def test_an_immutable_file_cannot_be_changed_in_a_branch_either(workspace: Path, flag: str) -> None:
    if subprocess.run(["chattr", f"+{flag}", workspace / "f"], check=False, capture_output=True).returncode:
        pytest.skip("no such flags here")
    try:
        branches = open_branches(workspace)
        with branches.open(64 << 20, 1_000) as branch:
            for act in (lambda: write("f", b"x"), lambda: os.unlink("f"), lambda: os.chmod("f", 0o777)):
                assert inside(branch, lambda act=act: refusal(act)) == errno.EPERM
            assert branch.collect().changes == ()
        branches.close()
    finally:
        subprocess.run(["chattr", f"-{flag}", workspace / "f"], check=True)


def test_a_file_with_twenty_thousand_names_is_refused_by_name(branches: Branches) -> None:
    with branches.open(64 << 20, 30_000) as branch:

        def act() -> None:
            write("n")
            for number in range(20_000):
                os.link("n", f"n{number}")

        inside(branch, act)
        with pytest.raises(UnsupportedError, match="too many names"):
            branch.collect()
