"""Branches as copies of the workspace: for machines without a fit overlayfs. Each costs as much as the workspace is.

Where the file system can share blocks between files (btrfs, xfs) a copy costs each entry, and no bytes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.collected import Collected, collected, since
from sandbox.effects.branches.comparison import Comparison, Sides
from sandbox.effects.branches.content import Contents
from sandbox.effects.branches.links import with_links
from sandbox.effects.branches.mounts import NODEV, NOSUID, change_view, readable, view
from sandbox.effects.branches.overlay import users_of
from sandbox.effects.branches.paths import Folders, join
from sandbox.effects.branches.scratch import Scratch, make_scratch, stamp
from sandbox.effects.branches.trash import throw_away
from sandbox.effects.branches.tree import Tree
from sandbox.effects.branches.upper import scan
from sandbox.errors import SetupError
from sandbox.model.plan import ACTION_IDS_COUNT

_MOST = 1 << 21
_LIMITS = (
    f"files of users from {ACTION_IDS_COUNT} on appear as nobody's and cannot be changed",
    "what is mounted below the workspace is not in the branch",
    "a file that somebody else makes in the workspace meanwhile is a conflict",
    "renamed folders come as deletions and creations",
)


class CopyBranches:
    """Opens branches of one workspace. `reflink`: only by sharing blocks. Raises OSError, SetupError."""

    def __init__(self, workspace: int, ids: int, disk: Path | None = None, *, reflink: bool = False) -> None:
        self.backend = "reflink" if reflink else "copy"
        self._ids, self._disk, self._reflink = ids, disk, reflink
        if reflink and disk is None:
            raise SetupError("blocks can be shared on disk only", fix="name a folder on the workspace's file system")
        self.limits = (*_LIMITS, *(("disk space is not bounded",) if disk else ()))
        self._lower = readable(workspace)
        users_of(ids)

    def open(self, size: int, inodes: int) -> CopyBranch:
        """A branch, once all of the workspace is copied. Raises OSError, SetupError where that fails."""
        scratch = make_scratch(self._disk, size, inodes)
        opened = stamp(scratch.root)
        try:
            copy_tree(self._lower, scratch.root, "tree", reflink=self._reflink)
            return CopyBranch(
                self.backend, os.dup(self._lower), self._ids, scratch, opened, size, inodes, self._disk, self.limits
            )
        except BaseException:
            throw_away([scratch.root], scratch.folder)
            raise

    def close(self) -> None:
        """Gives back what it holds."""
        os.close(self._lower)


def copy_tree(source: int, target: int, name: str, *, reflink: bool = False) -> None:
    """Copies the folder `source` to a new folder `name` in `target`, with all that can be kept. Raises SetupError."""
    done = subprocess.run(
        [
            "cp",
            "-a",
            f"--reflink={'always' if reflink else 'auto'}",
            "--",
            f"/proc/self/fd/{source}/.",
            f"/proc/self/fd/{target}/{name}",
        ],
        pass_fds=(source, target),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()[:3]
        raise SetupError("the workspace cannot be copied", why="; ".join(lines))


def _places(tree: int) -> dict[bytes, int]:
    """The inode of each folder, by its path: what is renamed takes its files along without a trace on them."""
    found = {}
    with Folders(tree) as folders:
        todo = [b""]
        while todo:
            path = todo.pop()
            at = folders.at(path)
            found[path] = os.fstat(at).st_ino
            with os.scandir(at) as entries:
                names = [os.fsencode(entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
            todo += [join(path, name) for name in names]
    return found


class CopyBranch(Tree):
    """A branch that is a copy."""

    def __init__(
        self,
        backend: str,
        lower: int,
        ids: int,
        scratch: Scratch,
        opened: int,
        size: int,
        inodes: int,
        disk: Path | None,
        limits: tuple[str, ...],
    ) -> None:
        self.backend = backend
        self._lower, self._ids, self._opened = lower, ids, opened
        self._size, self._inodes, self._disk = size, inodes, disk
        self._tree = os.open("tree", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=scratch.root)
        # Whatever has an earlier ctime is as it was copied.
        self._copied = stamp(scratch.root)
        self._places = _places(self._tree)
        master = view(self._tree)
        change_view(master, NOSUID | NODEV, users_of(ids))
        super().__init__(master, scratch, limits)

    def collect(
        self, blobs: Blobs | None = None, previous: Collected | None = None, *, moves: bool = True
    ) -> Collected:
        """What changed. See `Branch`; renamed folders always come as deletions and creations."""
        with Folders(self._lower) as lower, Folders(self._tree) as branch:
            layer = scan(branch, "", _MOST, whiteouts=False)
            sides = Sides(lower, 0, branch, 0, branch, layer, "", self._opened, self._copied, self._places)
            comparison = Comparison(sides, Contents("", blobs), _MOST, {})
            comparison.run()
            found = collected(with_links(comparison), comparison.foreign.values())
        return since(previous, found) if previous else found

    def fork(self, count: int) -> Sequence[CopyBranch]:
        """Copies of this copy."""
        found = []
        for _ in range(count):
            scratch = make_scratch(self._disk, self._size, self._inodes)
            opened = stamp(scratch.root)
            copy_tree(self._tree, scratch.root, "tree", reflink=self.backend == "reflink")
            found.append(
                CopyBranch(
                    self.backend,
                    os.dup(self._tree),
                    self._ids,
                    scratch,
                    opened,
                    self._size,
                    self._inodes,
                    self._disk,
                    self.limits,
                )
            )
        return found

    def _held(self) -> list[int]:
        return [self._tree, self._lower]
