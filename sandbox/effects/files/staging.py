"""A folder of our own in the workspace's root: all that is new is made whole in it, then renamed into place."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.files.effects import resource
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.fill import fill
from sandbox.effects.files.folders import Folders
from sandbox.effects.files.plan import STAGE, Plan, Step
from sandbox.effects.files.read import open_beneath, read_with_stat
from sandbox.effects.files.restore import dress
from sandbox.model.effects import Difference

_NAME = re.compile(re.escape(STAGE) + rb"[0-9a-f]{32}")
# The list of inodes, before the flush and behind it: only then renames may begin.
_LIST, _READY = b"list", b"ready"
# More than a tick of any kernel's clock.
_TICK_NS = 20_000_000
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# What a list of inodes may take for each step, and in all beside them.
_READY_STEP, _READY_MORE = 128, 4096
_KINDS = {"fifo": stat.S_IFIFO, "socket": stat.S_IFSOCK}


@dataclass(frozen=True)
class Ready:
    """What recovery has to know beyond the effects. `already`: steps that were so before; `old`, `new`: inodes by step;

    `mtimes`: of the plan's folders, in its order, as they were.
    """

    already: Sequence[int]
    old: Mapping[int, int]
    new: Mapping[int, int]
    mtimes: Sequence[int]


class Stage:
    """The folder, open. It is named `.sandbox-stage-` and 128 random bits, and nobody else may enter it."""

    def __init__(self, root: int, name: bytes) -> None:
        """Opens it. Raises FileNotFoundError; UnsupportedError where somebody else made it."""
        if not _NAME.fullmatch(name):
            raise UnsupportedError(f"{os.fsdecode(name)!r} is no stage")
        self._root, self.name = root, name
        # Two writes less than this apart may have left the same ctime.
        self.tick_ns = _TICK_NS
        self.fd = open_beneath(root, name, os.O_RDONLY | os.O_DIRECTORY)
        status = os.fstat(self.fd)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            self.close()
            raise UnsupportedError(f"{os.fsdecode(name)!r} was not made by this server")

    @staticmethod
    def new_name() -> bytes:
        """A name that nobody can guess."""
        return STAGE + secrets.token_hex(16).encode()

    @classmethod
    def make(cls, root: int, name: bytes) -> Stage:
        """Makes it. Raises OSError."""
        os.mkdir(name, 0o700, dir_fd=root)
        stage = cls(root, name)
        stage.tick_ns = _tick(stage.fd)
        for each in os.listxattr(stage.fd):
            # A default ACL of the root's would be on everything that is made here.
            if each.startswith("system.posix_acl_"):
                os.removexattr(stage.fd, each)
        return stage

    @staticmethod
    def leftovers(root: int) -> list[bytes]:
        """The stages in the workspace."""
        return [name for each in os.listdir(root) if _NAME.fullmatch(name := os.fsencode(each))]

    def close(self) -> None:
        """Gives its descriptor back; the folder stays."""
        os.close(self.fd)

    def finish(self) -> None:
        """From here on nothing is under way: all is done, or all was taken back. Raises OSError."""
        for name in (_READY, _LIST):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self.fd)

    @classmethod
    def discard(cls, root: int, name: bytes) -> None:
        """Finishes a stage and removes it, where it is still there. Raises OSError, UnsupportedError."""
        try:
            stage = cls(root, name)
        except FileNotFoundError:
            return
        try:
            stage.claim()
            stage.finish()
            for each in os.listdir(stage.fd):
                # Another process may be at the same.
                with suppress(FileNotFoundError):
                    try:
                        os.unlink(each, dir_fd=stage.fd)
                    except IsADirectoryError:
                        os.rmdir(each, dir_fd=stage.fd)
        finally:
            stage.close()
        with suppress(FileNotFoundError):
            os.rmdir(name, dir_fd=root)

    def claim(self) -> None:
        """Keeps other processes from removing or recovering it, until it is closed. Blocks."""
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def write(self, ready: Ready) -> None:
        """Keeps what recovery needs. Raises OSError."""
        fields = [[*ready.already], [*ready.old.items()], [*ready.new.items()], [*map(str, ready.mtimes)]]
        fd = os.open(_LIST, _CREATE, 0o600, dir_fd=self.fd)
        with os.fdopen(fd, "w") as file:
            file.write(json.dumps(fields))

    def begin(self) -> None:
        """All of it is durable, with the intent and what takes it back: from here on renames may begin. OSError."""
        os.rename(_LIST, _READY, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def is_ready(self) -> bool:
        """Whether renames may have begun."""
        return os.access(_READY, os.F_OK, dir_fd=self.fd, follow_symlinks=False)

    def read(self, steps: int) -> Ready | None:
        """What `write` kept; None where it is not there, or was cut short. Raises OSError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            try:
                fd = os.open(_READY, flags, dir_fd=self.fd)
            except FileNotFoundError:
                fd = os.open(_LIST, flags, dir_fd=self.fd)
        except FileNotFoundError:
            return None
        with os.fdopen(fd, "rb") as file:
            text = file.read(_READY_STEP * steps + _READY_MORE)
        try:
            already, old, new, mtimes = json.loads(text)
            return Ready([*map(int, already)], _pairs(old), _pairs(new), [*map(int, mtimes)])
        except (ValueError, TypeError, RecursionError):
            return None

    def build(self, plan: Plan, root: int, blobs: Blobs) -> dict[int, int]:
        """Makes all that is new. The inodes by step. Raises OSError, UnsupportedError, AstrayError."""
        found: dict[int, int] = {}
        with Folders(root) as folders:
            links = []
            for step in plan.into:
                if step.after is None or plan.how[step.number] == "relay":
                    continue
                if step.number in plan.anchors:
                    links.append((step, step.after, plan.anchors[step.number]))
                else:
                    found[step.number] = self._make(new_name(step), step.after, blobs)
            for step, after, anchor in links:
                name = new_name(step)
                if isinstance(anchor, int):
                    os.link(b"n%d" % anchor, name, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)
                else:
                    parent, known = folders.place(anchor)
                    os.link(known, name, src_dir_fd=parent, dst_dir_fd=self.fd, follow_symlinks=False)
                seen = read_with_stat(self.fd, name)
                # The one that it is a link of may still get another mode or owner.
                if seen is None or not _same_bytes(seen[0], after):
                    raise ConflictError([Difference(resource(step.target), "links", "a link to what was", "another")])
                found[step.number] = seen[1].st_ino
        return found

    def _make(self, name: bytes, entry: Entry, blobs: Blobs) -> int:
        if entry.kind == "file":
            # Nobody else can enter here; the mode is right at once in most cases.
            fd = os.open(name, _CREATE, entry.mode & 0o777, dir_fd=self.fd)
            try:
                status = os.fstat(fd)
                if entry.size:
                    fill(fd, entry, blobs)
                dress(fd, entry, status)
                return status.st_ino
            finally:
                os.close(fd)
        if entry.kind == "dir":
            os.mkdir(name, 0o700, dir_fd=self.fd)
        elif entry.kind == "symlink":
            os.symlink(entry.target, name, dir_fd=self.fd)
        else:
            os.mknod(name, _KINDS[entry.kind] | 0o600, dir_fd=self.fd)
        status = os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        dress(b"/proc/self/fd/%d/%s" % (self.fd, name), entry, status)
        return status.st_ino


def _tick(fd: int) -> int:
    """0 where a ctime that was looked at never survives the next change (Linux 6.13, most file systems)."""
    seen = set()
    for _ in range(4):
        os.chmod(fd, 0o700)
        seen.add(os.fstat(fd).st_ctime_ns)
    return 0 if len(seen) == 4 else _TICK_NS


def new_name(step: Step) -> bytes:
    """What is new is made under this name; once it is exchanged, what was there before has it."""
    return b"n%d" % step.number


def old_name(step: Step) -> bytes:
    """What was taken away has this name."""
    return b"o%d" % step.number


def _same_bytes(one: Entry, other: Entry) -> bool:
    facets = ("kind", "size", "content", "holes", "target")
    return all(getattr(one, name) == getattr(other, name) for name in facets)


def _pairs(data: object) -> dict[int, int]:
    if not isinstance(data, list):
        raise ValueError("no list of pairs")
    return {int(number): int(inode) for number, inode in data}
