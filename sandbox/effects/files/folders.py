"""Descriptors of folders beneath the workspace's root, opened once each."""

from __future__ import annotations

import errno
import os
from collections import OrderedDict
from collections.abc import Mapping

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.files.effects import resource
from sandbox.effects.files.read import open_beneath
from sandbox.model.effects import Difference

# Descriptors held at a time; well below the usual limit of 1,024.
_HELD = 200
# A path longer than this is opened from the folder that stands so far down: less to walk again each time.
_FAR = 512
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class AstrayError(ConflictError):
    """A folder on the way to something is another one than it was, or a link. `path`: of that or one below."""

    def __init__(self, path: bytes, found: str) -> None:
        super().__init__([Difference(resource(path), "folder", "a folder, the same as before", found)])
        self.path = path


class Folders:
    """Folders by path. With `expected`, a folder's inode has to be the one that stands there.

    Descriptors stay with their folder when it is renamed: use one object only while no path in it changes its meaning.
    """

    def __init__(self, root: int, expected: Mapping[bytes, int] | None = None) -> None:
        self.root = root
        self._expected = expected or {}
        self._open: OrderedDict[bytes, int] = OrderedDict()
        self._last = (b"", root)

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives all descriptors back."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()
        self._last = (b"", self.root)

    def place(self, path: bytes) -> tuple[int, bytes]:
        """The descriptor of the folder that `path` is in, and its name there; the root is `.` in itself.

        Good until the next calls. Raises AstrayError, UnsupportedError for a mount, OSError (ENOENT, ENOTDIR).
        """
        parent, _, name = path.rpartition(b"/")
        return (self.get(parent), name) if path else (self.root, b".")

    def get(self, path: bytes) -> int:
        """The descriptor of a folder. Good until the next calls. Raises as `place` does."""
        if path == self._last[0]:
            return self._last[1]
        if not path:
            return self.root
        fd = self._open.get(path)
        if fd is not None:
            self._open.move_to_end(path)
        else:
            fd = self._opened(path)
            self._open[path] = fd
        self._last = (path, fd)
        if len(self._open) > _HELD:
            os.close(self._open.popitem(last=False)[1])
        return fd

    def _opened(self, path: bytes) -> int:
        at, rest = self.root, path
        if len(path) > _FAR:
            above, _, name = path.rpartition(b"/")
            if above in self._open:
                at, rest = self._open[above], name
        try:
            fd = open_beneath(at, rest, _FLAGS)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise AstrayError(path, "a symbolic link") from None
            if error.errno == errno.EXDEV:
                raise UnsupportedError(f"{os.fsdecode(path)!r} is on another mount") from None
            raise
        expected = self._expected.get(path)
        if expected is not None and os.fstat(fd).st_ino != expected:
            os.close(fd)
            raise AstrayError(path, "another folder")
        return fd
