"""Workspaces on other file systems: btrfs and xfs, each in a file that is mounted for the time of a test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.effects.branches.branch import open_branches
from sandbox.effects.branches.digest import tree_state
from sandbox.effects.branches.trash import emptied
from sandbox.errors import SetupError
from tests.files.acts import tree, write
from tests.files.inside import inside
from tests.files.model import applied

pytestmark = pytest.mark.jail


@pytest.fixture(params=["btrfs", "xfs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    make = shutil.which(f"mkfs.{request.param}", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if make is None:
        pytest.skip(f"no mkfs.{request.param}")
    image, place = tmp_path / "image", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(320 << 20)
    subprocess.run([make, "-q", str(image)], check=True)
    if subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=False).returncode:
        pytest.skip("no loop devices")
    yield place
    assert emptied()
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("backend", ["overlay", "reflink", "copy"])
def test_a_branch_of_a_workspace_there_is_collected(disk: Path, backend: str) -> None:
    workspace = disk / "workspace"
    workspace.mkdir()
    tree(workspace)
    root = os.open(workspace, os.O_RDONLY)
    before = tree_state(root)
    on_disk = disk / "scratch" if backend == "reflink" else None
    branches = open_branches(workspace, backend=backend, disk=on_disk)  # type: ignore[arg-type]
    with branches.open(64 << 20, 1_000) as branch:
        assert branch.backend == backend
        assert branch.collect().changes == ()

        def act() -> None:
            write("two", b"!!")
            os.rename("d", "n")
            os.chmod("large", 0o600)
            os.unlink("g")

        inside(branch, act)
        mount = os.open(".", os.O_RDONLY, dir_fd=branch.mount)
        after = tree_state(mount, ids=0x71000000)
        os.close(mount)
        assert applied(before, branch.collect().changes) == after
    branches.close()
    os.close(root)


def test_blocks_are_not_shared_with_what_is_in_memory(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no branch"):
        open_branches(tmp_path, backend="reflink")
