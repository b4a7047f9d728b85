"""Branches by overlayfs: opened and thrown away in the same time whatever the workspace holds.

With `redirect_dir`, `index` and `metacopy` a program cannot tell it from the workspace: folders can be renamed, names
that share a file go on sharing it, and changing a large file's mode copies nothing. These need root. Actions' users are
mapped by an id-mapped mount of the workspace: its files' owners appear `ids` higher, and are written so in the layer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.collected import Collected, collected, since
from sandbox.effects.branches.compare import Comparison, Sides
from sandbox.effects.branches.content import Contents
from sandbox.effects.branches.folders import Folders
from sandbox.effects.branches.links import with_links
from sandbox.effects.branches.mounts import (
    NODEV,
    NOSUID,
    READONLY,
    change_view,
    filesystem,
    opened,
    readable,
    user_namespace,
    view,
)
from sandbox.effects.branches.renames import renames
from sandbox.effects.branches.scratch import Scratch, make_scratch, stamp
from sandbox.effects.branches.tree import Tree
from sandbox.effects.branches.upper import scan
from sandbox.effects.files.xattrs import read_xattrs, shifted
from sandbox.model.plan import ACTION_IDS_COUNT

_PREFIX = "trusted.overlay."
# Entries that one collection may look at: those of deleted folders count, too.
_MOST = 1 << 21
_OPTIONS: list[tuple[str, str | int]] = [
    ("redirect_dir", "on"),
    ("index", "on"),
    ("metacopy", "on"),
    ("xino", "auto"),
]
_LIMITS = (
    f"files of users from {ACTION_IDS_COUNT} on appear as nobody's and cannot be changed",
    "what is mounted below the workspace is not in the branch",
)


@dataclass(frozen=True, slots=True)
class _Base:
    """What a branch is made from. `layers`: lower layers, the first on top. `lower`: the same as one tree to read.

    `ids`: what stands on top of owners in `lower`.
    """

    layers: tuple[int, ...]
    lower: int
    ids: int


class OverlayBranches:
    """Opens branches of one workspace. Raises OSError, SetupError where overlayfs does not do all that is needed."""

    backend = "overlay"

    def __init__(self, workspace: int, ids: int, disk: Path | None = None) -> None:
        self._ids, self._disk = ids, disk
        lower = readable(workspace)
        mapped = view(workspace)
        change_view(mapped, 0, users_of(ids))
        self._base = _Base((mapped,), lower, 0)
        self.limits = (*_LIMITS, *_rename_limit(), *(("disk space is not bounded",) if disk else ()))

    def open(self, size: int, inodes: int) -> OverlayBranch:
        """A branch. Raises OSError, UnsupportedError for a root that belongs to a user that cannot be mapped."""
        return _open(
            self._base, self._ids, make_scratch(self._disk, size, inodes), inodes, size, self._disk, self.limits
        )

    def close(self) -> None:
        """Gives back what it holds."""
        for each in {*self._base.layers, self._base.lower}:
            os.close(each)


@cache
def users_of(ids: int) -> int:
    """The user namespace whose users are the machine's from `ids` on: one for the life of the process."""
    return user_namespace(ids, ACTION_IDS_COUNT)


def _rename_limit() -> tuple[str, ...]:
    found = Path("/sys/module/overlay/parameters/redirect_max").read_text().strip()
    return (f"a folder whose path is longer than {found} bytes cannot be renamed into another folder (EXDEV)",)


def _open(
    base: _Base, ids: int, scratch: Scratch, inodes: int, size: int, disk: Path | None, limits: tuple[str, ...]
) -> OverlayBranch:
    # Before anything is read of the workspace.
    moment = stamp(scratch.root)
    upper = _folder(scratch.root, "upper")
    work = _folder(scratch.root, "work")
    try:
        _as_root_of(base, upper, ids)
        settings: list[tuple[str, str | int]] = [("lowerdir+", each) for each in base.layers]
        settings += [("upperdir", upper), ("workdir", work), *_OPTIONS]
        if disk is not None:
            # Nothing of a branch is to outlive the machine.
            settings.append(("volatile", True))
        mount = filesystem("overlay", settings, NOSUID | NODEV)
    finally:
        os.close(work)
    own = replace(base, lower=os.dup(base.lower))
    return OverlayBranch(own, ids, mount, upper, scratch, moment, inodes, size, disk, limits)


def _folder(root: int, name: str) -> int:
    os.mkdir(name, 0o755, dir_fd=root)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)


def _as_root_of(base: _Base, upper: int, ids: int) -> None:
    """The layer's root is seen as the workspace's: it must be like it, or it would seem changed."""
    status = os.fstat(base.lower)
    by = ids - base.ids
    owner = status.st_uid - base.ids, status.st_gid - base.ids
    if not all(0 <= each < ACTION_IDS_COUNT for each in owner):
        raise UnsupportedError(f"the workspace belongs to {owner[0]}:{owner[1]}, whom an action's users do not include")
    os.chown(upper, owner[0] + ids, owner[1] + ids)
    os.fchmod(upper, status.st_mode & 0o7777)
    for name, value in read_xattrs(base.lower):
        os.setxattr(upper, name, shifted(os.fsdecode(name), value, by))
    os.utime(upper, ns=(status.st_atime_ns, status.st_mtime_ns))


def _drop_index(root: int) -> None:
    """Removes the names by which overlayfs found files with several: below, they would count as further links."""
    try:
        index = os.open("work/index", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
    except FileNotFoundError:
        return
    try:
        with os.scandir(index) as entries:
            for entry in entries:
                os.unlink(entry.name, dir_fd=index)
    finally:
        os.close(index)


class OverlayBranch(Tree):
    """A branch by overlayfs."""

    backend = "overlay"

    def __init__(
        self,
        base: _Base,
        ids: int,
        mount: int,
        upper: int,
        scratch: Scratch,
        opened: int,
        inodes: int,
        size: int,
        disk: Path | None,
        limits: tuple[str, ...],
    ) -> None:
        super().__init__(mount, scratch, limits)
        self._base, self._ids, self._upper = base, ids, upper
        self._opened, self._inodes, self._size, self._disk = opened, inodes, size, disk
        self._parent: OverlayBranch | None = None
        self._children, self._unwanted = 0, False

    def collect(
        self, blobs: Blobs | None = None, previous: Collected | None = None, *, moves: bool = True
    ) -> Collected:
        """What changed. See `Branch`."""
        contents = Contents(_PREFIX, blobs)
        with (
            Folders(self._base.lower) as lower,
            Folders(self._master) as branch,
            Folders(self._upper) as upper,
        ):
            # Whatever is deleted counts as well, and it was never in the layer.
            layer = scan(upper, _PREFIX, self._inodes)
            sides = Sides(lower, self._base.ids, branch, self._ids, upper, layer, _PREFIX, self._opened)
            moved = renames(sides) if moves and previous is None else {}
            comparison = Comparison(sides, contents, _MOST, moved)
            comparison.run()
            found = collected(with_links(comparison), comparison.foreign.values())
        return since(previous, found) if previous else found

    def untouched(self) -> bool:
        """Whether its layer holds no name."""
        with os.scandir(self._upper) as names:
            return next(names, None) is None

    def fork(self, count: int) -> list[OverlayBranch]:
        """Branches that start from this one. Its layer is frozen: it can only be discarded, and lives until they do."""
        base = self._frozen()
        try:
            found = []
            for _ in range(count):
                scratch = make_scratch(self._disk, self._size, self._inodes)
                child = _open(base, self._ids, scratch, self._inodes, self._size, self._disk, self.limits)
                child._parent = self
                self._children += 1
                found.append(child)
        finally:
            os.close(base.lower)
        return found

    def _frozen(self) -> _Base:
        """This branch as something to make branches from."""
        if self._master >= 0:
            self._copy_links_up()
            # overlayfs allows no second use of a layer while it is written to.
            for each in (self._mount, self._master):
                if each >= 0:
                    os.close(each)
            self._mount = self._master = -1
            _drop_index(self._scratch.root)
        layers = (self._upper, *self._base.layers)
        settings: list[tuple[str, str | int]] = [("lowerdir+", each) for each in layers]
        settings += [("redirect_dir", "on"), ("metacopy", "on"), ("xino", "auto")]
        mount = filesystem("overlay", settings, READONLY | NOSUID | NODEV)
        try:
            return _Base(layers, opened(mount), self._ids)
        finally:
            os.close(mount)

    def _copy_links_up(self) -> None:
        """Brings all names of files that have several into the layer.

        Which of the lower's names belong to one of its files is known to the index, and that is not there below.
        """
        with Folders(self._master) as branch:
            for change in self.collect().changes:
                if change.post and change.post.nlink > 1:
                    folder, name = branch.split(change.path)
                    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    times = status.st_atime_ns, status.st_mtime_ns
                    os.utime(name, ns=times, dir_fd=folder, follow_symlinks=False)

    def discard(self) -> None:
        """Throws it away; once nothing that was forked from it is left, if that is later."""
        self._unwanted = True
        if self._children == 0 and not self._discarded:
            super().discard()
            if self._parent:
                self._parent._children -= 1
                if self._parent._unwanted:
                    self._parent.discard()

    def _held(self) -> list[int]:
        return [self._upper, self._base.lower]
