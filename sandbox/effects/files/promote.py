"""The visible part of a transition: renames, each of which can be taken back, and what is changed in place.

Every operation first looks at what stands in its place. In an ordinary run that has to be exactly what was seen before
(by inode and ctime, where nothing of ours has changed that). In recovery it may be done already, which the inode
tells; then nothing is done. After each rename, what came out is looked at once more: somebody may have been faster.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.compare import same, same_stuff
from sandbox.effects.files.effects import resource
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.folders import AstrayError, Folders
from sandbox.effects.files.inplace import change
from sandbox.effects.files.plan import Plan, Step, mtime_after
from sandbox.effects.files.read import open_beneath, read_with_stat
from sandbox.effects.files.restore import date
from sandbox.effects.files.staging import Ready, Stage, new_name, old_name
from sandbox.effects.files.survey import WORTH_TRUSTING, Survey
from sandbox.model.effects import Difference


class Promotion:
    """One plan, with everything staged. `found`: what stood there when it was decided; None in recovery.

    `inodes`: of folders around, by the path before: they have to be the same ones.
    """

    def __init__(
        self,
        root: int,
        stage: Stage,
        plan: Plan,
        ready: Ready,
        found: Survey | None = None,
        inodes: Mapping[bytes, int] | None = None,
    ) -> None:
        self._root, self._stage, self._plan, self._ready, self._seen = (
            root,
            stage,
            plan,
            ready,
            found.seen if found else None,
        )
        self._began_ns = found.began_ns if found else 0
        inodes = inodes or {}
        self._before = Folders(root, inodes)
        self._after = Folders(root, {plan.folders[path]: inode for path, inode in inodes.items()})
        # Links that were staged, of files that are there.
        self._linked = Counter(ready.new.values())
        self.residue: list[str] = []
        # Of large files: when they were renamed. What has that ctime still was not written since.
        self.ctimes: dict[int, int] = {}

    def forward(self) -> None:
        """Does all that is not done. Raises ConflictError, OSError, in the middle of it: `back` puts things right."""
        with self._folders(self._before) as folders:
            for step in self._plan.out:
                self._out(folders, step)
        with self._folders(self._after) as folders:
            for step in self._plan.into:
                self._into(folders, step)
            for step in self._plan.keep:
                self._change(folders, step)

    def back(self) -> list[Difference]:
        """Takes back all that is done. What somebody else has changed meanwhile is left alone, and told. OSError."""
        left: list[Difference] = []
        with self._folders(self._after) as folders:
            for step in reversed(self._plan.keep):
                left += _told(self._change_back, folders, step)
            for step in reversed(self._plan.into):
                left += _told(self._into_back, folders, step)
        with self._folders(self._before) as folders:
            for step in reversed(self._plan.out):
                left += _told(self._out_back, folders, step)
        return left

    def close(self) -> None:
        """Gives its descriptors back."""
        self._before.close()
        self._after.close()

    def _folders(self, ours: Folders) -> AbstractContextManager[Folders]:
        """Those that were used on the way there find a folder even if somebody renamed it since. In recovery paths may

        mean what they meant before or after, depending on where it was cut short: they are opened anew.
        """
        return Folders(self._root) if self._seen is None else nullcontext(ours)

    def is_whole(self, blobs: Blobs) -> bool:
        """Whether all that is to be renamed is in the stage, and all that takes it back in the store. Raises OSError.

        It is, behind the flush before the first rename. Reads all of it.
        """
        ways = self._plan.how
        if not all(
            self._is_placed(step) or ways[step.number] == "relay" or self._holds(new_name(step), step, step.after)
            for step in self._plan.into
        ):
            return False
        leaving = [step.before for step in (*self._plan.out, *self._plan.into) if ways[step.number] in ("take", "swap")]
        return all(blobs.is_whole(entry.content) for entry in leaving if entry and entry.size)

    def _is_out(self, folders: Folders, step: Step) -> bool:
        """Whether the stage or the new place says that a step was done, whatever leads to the old one. For recovery."""
        if os.access(old_name(step), os.F_OK, dir_fd=self._stage.fd, follow_symlinks=False):
            return True
        return step.moved and self._inode(folders, step.target) == self._ready.old[step.number]

    def _is_placed(self, step: Step) -> bool:
        """Whether the stage says that a step was done: what comes of it is no longer there. For recovery."""
        way = self._plan.how[step.number]
        try:
            name = old_name(step) if way == "relay" else new_name(step)
            inode = os.stat(name, dir_fd=self._stage.fd, follow_symlinks=False).st_ino
        except FileNotFoundError:
            return way == "make"
        return way == "swap" and inode == self._ready.old[step.number]

    def settle(self, *, forward: bool) -> None:
        """Folders get their mtimes, the deepest first. Raises OSError."""
        kept = {step.source: step for step in self._plan.keep if step.before and step.before.kind == "dir"}
        mtimes = iter(self._ready.mtimes)
        with self._folders(self._after if forward else self._before) as folders:
            for step in self._plan.fresh if forward else ():
                if step.after:
                    date(folders.get(step.target), step.after.mtime_ns)
            for path, after in self._plan.folders.items():
                was, own = next(mtimes), kept.get(path)
                mtime = mtime_after(own, was) if forward else was
                self._date(folders, after if forward else path, mtime)
                if forward and own and own.after and own.after.mtime_ns != mtime:
                    self.residue.append(f"{resource(after)}: mtime, since others worked in the folder")
            for step in self._plan.gone if not forward else ():
                self._date(folders, step.source, next(mtimes))

    @staticmethod
    def _date(folders: Folders, path: bytes, mtime: int) -> None:
        try:
            fd = folders.get(path)
        except (FileNotFoundError, NotADirectoryError, AstrayError):
            # Somebody took it away: that is told where something was done in it.
            return
        status = os.fstat(fd)
        if status.st_mtime_ns != mtime:
            date(fd, mtime, status.st_atime_ns)

    def _out(self, folders: Folders, step: Step) -> None:
        if self._seen is None and self._is_out(folders, step):
            return
        try:
            parent, name = folders.place(step.source)
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            status = None
        if status is None or status.st_ino != self._ready.old[step.number]:
            if self._seen is None:
                return
            raise _conflict(step)
        self._unchanged(step, parent, name, status)
        if self._plan.how[step.number] == "move":
            there, its_name = folders.place(step.target)
            _rename(step, parent, name, there, its_name, kernel.NOREPLACE)
            return
        stage = self._stage.fd
        _rename(step, parent, name, stage, old_name(step), kernel.NOREPLACE)
        if self._plan.how[step.number] == "take" and not self._came_out(step, old_name(step), status):
            kernel.rename(stage, old_name(step), parent, name, kernel.NOREPLACE)
            raise _conflict(step)

    def _into(self, folders: Folders, step: Step) -> None:
        if self._seen is None and self._is_placed(step):
            # What stands there now is it, or what somebody made of it since.
            if self._inode(folders, step.target) != self._ready.new[step.number]:
                self.residue.append(f"{resource(step.target)}: left alone, since somebody changed it")
            return
        try:
            parent, name = folders.place(step.target)
        except (FileNotFoundError, NotADirectoryError):
            raise _conflict(step) from None
        way, stage = self._plan.how[step.number], self._stage.fd
        new = self._ready.old[step.number] if way == "relay" else self._ready.new[step.number]
        staged = old_name(step) if way == "relay" else new_name(step)
        try:
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            status = None
        if status is not None and status.st_ino == new:
            return
        if way != "relay" and not self._holds(staged, step, step.after):
            raise _conflict(step)
        if way != "swap":
            _rename(step, stage, staged, parent, name, kernel.NOREPLACE)
            self._note_large(step, parent, name)
            return
        if status is None or status.st_ino != self._ready.old[step.number]:
            raise _conflict(step)
        self._unchanged(step, parent, name, status)
        _rename(step, stage, staged, parent, name, kernel.EXCHANGE)
        if not self._came_out(step, staged, status):
            kernel.rename(stage, staged, parent, name, kernel.EXCHANGE)
            raise _conflict(step)
        self._note_large(step, parent, name)

    def _holds(self, name: bytes, step: Step, entry: Entry | None) -> bool:
        """Whether what is in the stage is that entry. Known, unless the stage was left by somebody who was killed."""
        if self._seen is not None:
            return True
        found = read_with_stat(self._stage.fd, name)
        if found is None or entry is None:
            return False
        # A link of a file that is changed in place looks as that one does.
        return same(entry, found[0], links=False) or (
            step.number in self._plan.anchors and same_stuff(entry, found[0]) and entry.target == found[0].target
        )

    def _note_large(self, step: Step, parent: int, name: bytes) -> None:
        if step.after and step.after.size >= WORTH_TRUSTING:
            self.ctimes[step.number] = os.stat(name, dir_fd=parent, follow_symlinks=False).st_ctime_ns

    def _unchanged(self, step: Step, parent: int, name: bytes, status: os.stat_result) -> None:
        """Raises ConflictError where it is not what was seen."""
        if step.before is None:
            return
        seen = self._seen[step.number][1] if self._seen else None
        # The kernel's clock goes in ticks: a second write within one leaves no trace in ctime.
        if seen is None or seen.st_ctime_ns > self._began_ns - self._stage.tick_ns:
            found = read_with_stat(parent, name)
            if not same(step.before, found[0] if found else None, links=False):
                raise _conflict(step)
        if seen is None:
            return
        # What we do to folders, and to other names of the same file, changes ctimes.
        own = stat.S_ISDIR(status.st_mode) or seen.st_nlink > 1 or step.before.nlink > 1 or status.st_nlink > 1
        if not own and status.st_ctime_ns != seen.st_ctime_ns:
            raise _conflict(step)
        nlink = seen.st_nlink + self._linked[status.st_ino]
        if step.before.kind != "dir" and status.st_nlink != nlink:
            raise _conflict(step)
        if _dress_of(status) != _dress_of(seen):
            raise _conflict(step)

    def _came_out(self, step: Step, name: bytes, status: os.stat_result) -> bool:
        """Whether what is in the stage now is what was looked at right before, and a folder is empty."""
        found = os.stat(name, dir_fd=self._stage.fd, follow_symlinks=False)
        if (found.st_ino, _dress_of(found)) != (status.st_ino, _dress_of(status)):
            return False
        if not stat.S_ISDIR(found.st_mode):
            return True
        fd = open_beneath(self._stage.fd, name, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return not os.listdir(fd)
        finally:
            os.close(fd)

    def _change(self, folders: Folders, step: Step) -> None:
        if step.before and step.after:
            inode = self._seen[step.number][1].st_ino if self._seen else None
            if not change(*folders.place(step.target), step.before, step.after, inode):
                raise _conflict(step)

    def _change_back(self, folders: Folders, step: Step) -> None:
        if step.before and step.after and not change(*folders.place(step.target), step.after, step.before, None):
            raise _conflict(step)

    def _into_back(self, folders: Folders, step: Step) -> None:
        way, stage = self._plan.how[step.number], self._stage.fd
        new = self._ready.old[step.number] if way == "relay" else self._ready.new[step.number]
        if self._inode(folders, step.target) != new:
            return
        parent, name = folders.place(step.target)
        if way == "relay":
            kernel.rename(parent, name, stage, old_name(step), kernel.NOREPLACE)
            return
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if step.after and step.after.kind != "dir" and status.st_mtime_ns != step.after.mtime_ns:
            raise _conflict(step)
        if way == "swap":
            if not self._holds(new_name(step), step, step.before):
                raise _conflict(step)
            kernel.rename(stage, new_name(step), parent, name, kernel.EXCHANGE)
            return
        kernel.rename(parent, name, stage, new_name(step), kernel.NOREPLACE)
        if not self._came_out(step, new_name(step), status):
            kernel.rename(stage, new_name(step), parent, name, kernel.NOREPLACE)
            raise _conflict(step)

    def _out_back(self, folders: Folders, step: Step) -> None:
        if self._inode(folders, step.source) == self._ready.old[step.number]:
            return
        parent, name = folders.place(step.source)
        if self._plan.how[step.number] == "move":
            if self._inode(folders, step.target) == self._ready.old[step.number]:
                there, its_name = folders.place(step.target)
                kernel.rename(there, its_name, parent, name, kernel.NOREPLACE)
            return
        staged = old_name(step)
        if os.access(staged, os.F_OK, dir_fd=self._stage.fd, follow_symlinks=False):
            if not step.moved and not self._holds(staged, step, step.before):
                raise _conflict(step)
            kernel.rename(self._stage.fd, staged, parent, name, kernel.NOREPLACE)

    @staticmethod
    def _inode(folders: Folders, path: bytes) -> int:
        try:
            parent, name = folders.place(path)
            return os.stat(name, dir_fd=parent, follow_symlinks=False).st_ino
        except (FileNotFoundError, NotADirectoryError, AstrayError):
            return 0


def _dress_of(status: os.stat_result) -> tuple[int, ...]:
    if stat.S_ISDIR(status.st_mode):
        return status.st_mode, status.st_uid, status.st_gid
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_size


def _rename(step: Step, from_fd: int, from_name: bytes, to_fd: int, to_name: bytes, flags: int) -> None:
    try:
        kernel.rename(from_fd, from_name, to_fd, to_name, flags)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise _conflict(step) from None
    except OSError as error:
        if error.errno in (errno.EBUSY, errno.EXDEV):
            raise UnsupportedError(f"{os.fsdecode(step.target)!r} is a mount") from None
        raise


def _conflict(step: Step) -> ConflictError:
    return ConflictError([Difference(resource(step.target), "incarnation", "as it was a moment ago", "changed")])


def _told(action: Callable[[Folders, Step], None], folders: Folders, step: Step) -> list[Difference]:
    """What kept `action` from putting a step back: somebody else was there."""
    try:
        action(folders, step)
    except ConflictError as conflict:
        return [*conflict.differences]
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        return [Difference(resource(step.target), "incarnation", "as it was left a moment ago", "changed")]
    return []
