"""Finds what differs between a branch and what it was made from, looking only where the branch's own layer has names.

What an entry is, before and after, is read through the two file systems, never worked out from the layer: a folder
that overlayfs merges, a file whose bytes are still in the lower one, and names that share a file are then what the
action saw of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.branches.collected import only_mtime
from sandbox.effects.branches.content import Contents
from sandbox.effects.branches.paths import Folders, join
from sandbox.effects.branches.upper import Folder, Mark
from sandbox.effects.files.effects import resource
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.read import read_with_stat
from sandbox.model.effects import Difference

Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sides:
    """The trees to compare. `ids`: what stands on top of owners there. `opened`: from this ctime on, in ns, is foreign.

    `upper`: the branch's layer, whose folders are `layer`. `prefix`: of overlayfs' own attributes in it, "" where
    the branch is a copy, and nothing shows through. What has a ctime before `copied`, in a folder that is
    still where it was by `places` (inode by path), is as it was copied.
    """

    lower: Folders
    lower_ids: int
    branch: Folders
    branch_ids: int
    upper: Folders
    layer: dict[bytes, Folder]
    prefix: str
    opened: int
    copied: int = 0
    places: Mapping[bytes, int] = field(default_factory=dict)


@dataclass(slots=True)
class Pair:
    """A path of the branch and what it was compared with."""

    pre: Entry | None
    post: Entry | None
    moved_from: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """A folder to compare: `path` in the branch.

    `origin`: the lower folder that shows through there. `before`: the lower folder that it is compared with. `folder`:
    what the layer has there. Each is None where there is none; where only `before` is there, all was deleted.
    """

    path: bytes
    origin: bytes | None
    before: bytes | None
    folder: Folder | None


@dataclass(frozen=True, slots=True)
class _Place:
    """The descriptors of a frame's folders, -1 for none.

    `stirred`: somebody else made or removed names there. `copied`: what has an earlier ctime is as it was.
    `straight`: what shows through is what it is compared with.
    """

    lower: int
    branch: int
    upper: int
    stirred: bool = False
    copied: int = 0
    straight: bool = False


class Comparison:
    """One comparison: `run` fills what is public here. `moved`: accepted renames, old path by new path."""

    def __init__(self, sides: Sides, contents: Contents, most: int, moved: dict[bytes, bytes]) -> None:
        self.sides, self.moved = sides, moved
        self._contents, self._most, self._count = contents, most, 0
        self._explained = frozenset(moved.values())
        # What differs, and what shares its file with other paths, whether it differs or not.
        self.pairs: dict[bytes, Pair] = {}
        self.foreign: dict[bytes, Difference] = {}
        # The paths of each file with several: lower paths before, paths of the branch after.
        self.before: dict[Identity, set[bytes]] = {}
        self.after: dict[Identity, set[bytes]] = {}

    def run(self) -> None:
        """Compares all. Raises OSError, UnsupportedError, QuotaError."""
        self.look(b"", b"", self.sides.upper.root)
        todo = [_Frame(b"", b"" if self.sides.prefix else None, b"", self.sides.layer[b""])]
        while todo:
            todo += self._folder(todo.pop())

    def look(self, path: bytes, before: bytes, upper: int = -1) -> Pair:
        """Compares one path with a lower path. `upper`: the folder of the layer that it is in."""
        lower, old = self.sides.lower.split(before)
        branch, name = self.sides.branch.split(path)
        return self._compare(path, before, old, name, _Place(lower, branch, upper))

    def _folder(self, frame: _Frame) -> list[_Frame]:
        sides = self.sides
        names = self._names(frame)
        there = frame.folder is not None or frame.origin is not None
        lower = sides.lower.at(frame.before) if frame.before is not None else -1
        branch = sides.branch.at(frame.path) if there else -1
        upper = sides.upper.at(frame.path) if frame.folder else -1
        stirred = lower >= 0 and os.fstat(lower).st_ctime_ns >= sides.opened
        place = _Place(lower, branch, upper, stirred, straight=frame.origin == frame.before)
        if sides.copied and branch >= 0 and sides.places.get(frame.path) == os.fstat(branch).st_ino:
            place = replace(place, copied=sides.copied)
        gone = _Place(lower, -1, -1, place.stirred)
        marks = frame.folder.names if frame.folder else {}
        below = []
        for name in names:
            if frame.before is not None:
                # Keeps it open: renames make the walk look into other folders meanwhile.
                sides.lower.at(frame.before)
            path = join(frame.path, name)
            mark = marks.get(name)
            before = join(frame.before, name) if frame.before is not None else None
            if path in self.moved:
                origin = self.moved[path]
                pair = self._moved(path, origin, place, name)
                below.append(_Frame(path, origin, origin, sides.layer[path]))
                continue
            if before in self._explained:
                before = None
            hidden = mark == "whiteout" or (mark is None and frame.origin is None)
            pair = self._compare(path, before, name, name, gone if hidden else place, is_file=mark == "file")
            if pair.pre and pair.pre.kind != "dir":
                before = None
            further = self._below(frame, path, name, before if pair.pre else None, pair, mark)
            if further:
                below.append(further)
        return below

    def _names(self, frame: _Frame) -> Iterable[bytes]:
        """All names that can differ: the layer's, where the lower folder that shows is what it is compared with."""
        marks = frame.folder.names if frame.folder else {}
        if frame.origin == frame.before and frame.folder:
            return marks
        lower = self.sides.lower
        shown = lower.names(frame.origin) if frame.origin is not None else ()
        old = lower.names(frame.before) if frame.before is not None else ()
        return {*marks, *shown, *old}

    def _below(
        self, frame: _Frame, path: bytes, name: bytes, before: bytes | None, pair: Pair, mark: Mark | None
    ) -> _Frame | None:
        """The folder `path` as something to compare, if anything can differ in it."""
        folder = origin = None
        if pair.post and pair.post.kind == "dir":
            folder = self.sides.layer.get(path) if mark == "dir" else None
            shown = origin_of(frame.origin, name, folder)
            if shown is not None and (shown == before or _is_folder(self.sides.lower, shown)):
                origin = shown
        if folder is None and origin == before:
            return None
        return _Frame(path, origin, before, folder)

    def _moved(self, path: bytes, origin: bytes, place: _Place, name: bytes) -> Pair:
        lower, old = self.sides.lower.split(origin)
        at = _Place(lower, place.branch, place.upper)
        return self._compare(path, origin, old, name, at, moved_from=origin)

    def _compare(
        self,
        path: bytes,
        before: bytes | None,
        old: bytes,
        name: bytes,
        at: _Place,
        moved_from: bytes | None = None,
        *,
        is_file: bool = False,
    ) -> Pair:
        self._count += 1
        if self._count > self._most:
            raise QuotaError(f"more than {self._most:,} files are concerned")
        sides = self.sides
        pre = post = None
        changed = 0
        if at.copied and _is_older(at.branch, name, at.copied):
            return Pair(None, None)
        try:
            if before is not None and (read := read_with_stat(at.lower, old, ids=sides.lower_ids)):
                pre, changed = read[0], read[1].st_ctime_ns
                if pre.nlink > 1:
                    self.before.setdefault((read[1].st_dev, read[1].st_ino), set()).add(before)
            layer = at.upper if at.straight else -1
            entry, ids = self._contents.entry, sides.branch_ids
            if at.branch >= 0 and (read := entry(at.branch, name, ids, pre, layer, is_file=is_file)):
                post = read[0]
                if post.nlink > 1:
                    self.after.setdefault((read[1].st_dev, read[1].st_ino), set()).add(path)
        except UnsupportedError as error:
            raise UnsupportedError(f"{resource(path)}: {error.subject}") from error
        theirs = moved_from is None and post is not None and changed >= sides.opened > post.mtime_ns
        if theirs and pre and post and pre.kind == post.kind == "dir" and only_mtime(pre, post):
            # Names changed on the other side: an mtime from before the branch is none of the action's.
            return Pair(pre, pre)
        pair = Pair(pre, post, moved_from)
        if pre != post or moved_from is not None or (pre and pre.nlink > 1):
            self.pairs[path] = pair
            self._foreign(path, pair, changed, name, at)
        return pair

    def _foreign(self, path: bytes, pair: Pair, changed: int, name: bytes, at: _Place) -> None:
        pre, post, opened = pair.pre, pair.post, self.sides.opened
        if pre is not None and changed >= opened:
            if pre == post or (post and pre.kind == post.kind == "dir" and only_mtime(pre, post)):
                # Somebody made or removed other names in the same folder: no one's concern but its mtime's.
                return
            self.foreign[path] = Difference(resource(path), "ctime", f"before {opened}", str(changed))
        elif pre is None and post and at.stirred and at.upper >= 0 and self._was_copied(at.upper, name):
            self.foreign[path] = Difference(resource(path), "existence", "there", "gone")

    def _was_copied(self, upper: int, name: bytes) -> bool:
        """Whether the layer's entry came from the lower, where it is no more."""
        try:
            names = os.listxattr(b"/proc/self/fd/%d/%s" % (upper, name), follow_symlinks=False)
        except FileNotFoundError:
            return False
        return f"{self.sides.prefix}origin" in names


def origin_of(parent: bytes | None, name: bytes, folder: Folder | None) -> bytes | None:
    """The lower path that shows at a folder named `name` whose parent shows the lower path `parent`."""
    if folder is not None and folder.redirect is not None:
        if folder.redirect.startswith(b"/"):
            return folder.redirect[1:]
        return join(parent, folder.redirect) if parent is not None else None
    if parent is None or (folder is not None and folder.opaque):
        return None
    return join(parent, name)


def _is_older(folder: int, name: bytes, moment: int) -> bool:
    """Whether `name` is there, is no folder, and last changed before `moment`."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return status.st_ctime_ns < moment and not stat.S_ISDIR(status.st_mode)


def _is_folder(lower: Folders, path: bytes) -> bool:
    status = lower.status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)
