"""Branches by overlayfs: opened and thrown away in the same time whatever the workspace holds.

With `redirect_dir`, `index` and `metacopy` a program cannot tell it from the workspace: folders can be renamed, names
that share a file go on sharing it, and changing a large file's mode copies nothing. These need root. Actions' users are
mapped by an id-mapped mount of the workspace: its files' owners appear `ids` higher, and are written so in the layer.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.collected import Collected, collected, since
from sandbox.effects.branches.comparison import Comparison, Sides
from sandbox.effects.branches.content import Contents
from sandbox.effects.branches.layers import Base, drop_index, has_index, merged, overlay
from sandbox.effects.branches.links import with_links
from sandbox.effects.branches.mounts import change_view, readable, user_namespace, view
from sandbox.effects.branches.paths import Folders
from sandbox.effects.branches.probe import probe
from sandbox.effects.branches.renames import renames
from sandbox.effects.branches.scratch import Scratch, is_fine, make_scratch, stamp
from sandbox.effects.branches.trash import throw_away
from sandbox.effects.branches.tree import Tree
from sandbox.effects.branches.upper import scan
from sandbox.errors import SetupError
from sandbox.model.plan import ACTION_IDS_COUNT

_PREFIX = "trusted.overlay."
# Entries that one collection may look at: those of deleted folders count, too.
_MOST = 1 << 21
_LIMITS = (
    f"files of users from {ACTION_IDS_COUNT} on appear as nobody's and cannot be changed",
    "what is mounted below the workspace is not in the branch",
    "a file that is opened for writing after its metadata was changed has a new mtime, also if nothing is written",
)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What branches of one kind have in common; `size` and `inodes` bound each one."""

    ids: int
    size: int
    inodes: int
    disk: Path | None
    limits: tuple[str, ...]


class OverlayBranches:
    """Opens branches of one workspace. Raises OSError, SetupError where overlayfs does not do all that is needed."""

    backend = "overlay"

    def __init__(self, workspace: int, ids: int, disk: Path | None = None, *, probed: bool = True) -> None:
        if probed:
            _probe(ids)
        self._ids, self._disk = ids, disk
        lower = readable(workspace)
        mapped = view(workspace)
        self._base = Base((mapped,), lower, 0)
        self.limits = (*_LIMITS, *_rename_limit(), *(("disk space is not bounded",) if disk else ()))
        try:
            change_view(mapped, 0, users_of(ids))
            if probed:
                self._try()
        except BaseException:
            self.close()
            raise

    def _try(self) -> None:
        """Whether this workspace's own file system can be below an overlay, with all that is asked of it."""
        with self.open(1 << 20, 64) as branch:
            if not branch.has_index():
                raise SetupError("names of one file come apart", why="the file system has no handles of files")

    def open(self, size: int, inodes: int) -> OverlayBranch:
        """A branch. Raises OSError, UnsupportedError for a root that belongs to a user that cannot be mapped."""
        return _open(self._base, _Terms(self._ids, size, inodes, self._disk, self.limits))

    def close(self) -> None:
        """Gives back what it holds."""
        for each in {*self._base.layers, self._base.lower}:
            os.close(each)


@cache
def users_of(ids: int) -> int:
    """The user namespace whose users are the machine's from `ids` on: one for the life of the process."""
    return user_namespace(ids, ACTION_IDS_COUNT)


@cache
def _probe(ids: int) -> None:
    """Tries what the kernel can do; not again where it went well."""

    def open_one(workspace: int) -> OverlayBranch:
        branches = OverlayBranches(workspace, ids, probed=False)
        try:
            return branches.open(1 << 20, 64)
        finally:
            branches.close()

    probe(open_one)


def _rename_limit() -> tuple[str, ...]:
    found = Path("/sys/module/overlay/parameters/redirect_max").read_text().strip()
    return (f"a folder whose path is longer than {found} bytes cannot be renamed into another folder (EXDEV)",)


def _open(base: Base, terms: _Terms) -> OverlayBranch:
    scratch = make_scratch(terms.disk, terms.size, terms.inodes)
    try:
        # Before anything is read of the workspace.
        moment = stamp(scratch.root)
        mount, upper = overlay(base, scratch, terms.ids)
    except BaseException:
        throw_away([scratch.root], scratch.folder)
        raise
    return OverlayBranch(replace(base, lower=os.dup(base.lower)), mount, upper, scratch, moment, terms)


class OverlayBranch(Tree):
    """A branch by overlayfs. `opened`: from this ctime on what changes in the workspace is foreign."""

    backend = "overlay"

    def __init__(self, base: Base, mount: int, upper: int, scratch: Scratch, opened: int, terms: _Terms) -> None:
        super().__init__(mount, scratch, terms.limits)
        self._base, self._upper, self._opened, self._terms = base, upper, opened, terms
        self._parent: OverlayBranch | None = None
        # The root's layer when nothing had been done; 0 where a change in the same tick would not show. A fork shows
        # what its parents changed, which is a difference to what lies below all of them.
        fine = is_fine() and terms.disk is None
        self._first = _ctime(upper) if fine and len(base.layers) == 1 else 0
        self._children, self._unwanted = 0, False

    def has_index(self) -> bool:
        """Whether names of one file stay together."""
        return has_index(self._scratch)

    def collect(
        self, blobs: Blobs | None = None, previous: Collected | None = None, *, moves: bool = True
    ) -> Collected:
        """What changed. See `Branch`."""
        if previous is None and self._is_as_opened():
            return collected(())
        with self._compared(Contents(_PREFIX, blobs), moves and previous is None) as comparison:
            found = collected(with_links(comparison), comparison.foreign.values())
        return since(previous, found) if previous else found

    @contextmanager
    def _compared(self, contents: Contents, moves: bool) -> Iterator[Comparison]:
        with Folders(self._base.lower) as lower, Folders(self._master) as branch, Folders(self._upper) as upper:
            layer = scan(upper, _PREFIX, self._terms.inodes)
            sides = Sides(lower, self._base.ids, branch, self._terms.ids, upper, layer, _PREFIX, self._opened)
            comparison = Comparison(sides, contents, _MOST, renames(sides) if moves else {})
            comparison.run()
            yield comparison

    def _is_as_opened(self) -> bool:
        """Whether its layer holds no name, and never did: its folder, which is the root's, is as it was at first."""
        return self._first > 0 and self.untouched() and _ctime(self._upper) == self._first

    def untouched(self) -> bool:
        """Whether its layer holds no name."""
        with os.scandir(self._upper) as names:
            return next(names, None) is None

    def fork(self, count: int) -> list[OverlayBranch]:
        """Branches that start from this one. Its layer is frozen: it can only be discarded, and lives until they do."""
        base = self._frozen()
        found: list[OverlayBranch] = []
        try:
            for _ in range(count):
                child = _open(base, self._terms)
                child._parent = self
                self._children += 1
                found.append(child)
        except BaseException:
            for child in found:
                child.discard()
            raise
        finally:
            os.close(base.lower)
        return found

    def _frozen(self) -> Base:
        """This branch as something to make branches from."""
        if self._master >= 0:
            self._copy_up()
            # overlayfs allows no second use of a layer while it is written to.
            for each in (self._mount, self._master):
                if each >= 0:
                    os.close(each)
            self._mount = self._master = -1
            drop_index(self._scratch)
        layers = (self._upper, *self._base.layers)
        return Base(layers, merged(layers), self._terms.ids)

    def _copy_up(self) -> None:
        """Brings all that differs into the layer, as metadata at least, and all names of files that have several.

        Which of the lower's names belong to one of its files, and how many are left, is known to the index, and that is
        not there below.
        """
        with self._compared(Contents(_PREFIX, None), True) as comparison:
            with_links(comparison)
            branch = comparison.sides.branch
            for path, pair in comparison.pairs.items():
                if pair.post and pair.post.kind != "dir":
                    _touch(*branch.split(path))

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


def _ctime(folder: int) -> int:
    return os.fstat(folder).st_ctime_ns


def _touch(folder: int, name: bytes) -> None:
    """Sets an entry's times to what they are, which copies it into the layer."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    try:
        os.utime(name, ns=(status.st_atime_ns, status.st_mtime_ns), dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        # Files of users that are not mapped stay where they are.
        if error.errno != errno.EOVERFLOW:
            raise
