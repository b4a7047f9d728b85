"""Folders of one tree, opened by path beneath its root and kept open while they are near."""

from __future__ import annotations

import os
from collections import OrderedDict
from types import TracebackType

from sandbox.effects.files.read import open_beneath

# As many as a walk comes back to soon; a hostile tree may be thousands deep.
_MOST = 64
# Levels below the nearest open folder from which on another one, half-way, is opened too.
_FAR = 32


class Folders:
    """Descriptors of folders beneath `root`, a descriptor that stays the caller's. One thread at a time."""

    def __init__(self, root: int) -> None:
        # The caller's may be good for looking things up only.
        self.root = open_beneath(root, b"", os.O_RDONLY | os.O_DIRECTORY)
        self._open: OrderedDict[bytes, int] = OrderedDict()

    def at(self, path: bytes) -> int:
        """A descriptor of the folder `path`, good while fewer than sixty others are asked for.

        Raises OSError as `open_beneath` does.
        """
        if not path:
            return self.root
        found = self._open.get(path)
        if found is not None:
            self._open.move_to_end(path)
            return found
        base, rest = self._nearest(path)
        parts = rest.split(b"/")
        if len(parts) > _FAR:
            # A walk comes back up: the folders next to this one will be wanted from here, and not from the root.
            below = b"/".join(parts[-_FAR:])
            base, rest = self._keep(path[: -len(below) - 1], base, b"/".join(parts[:-_FAR])), below
        return self._keep(path, base, rest)

    def _keep(self, path: bytes, base: int, rest: bytes) -> int:
        found = self._open[path] = open_beneath(base, rest, os.O_RDONLY | os.O_DIRECTORY)
        if len(self._open) > _MOST:
            os.close(self._open.popitem(last=False)[1])
        return found

    def _nearest(self, path: bytes) -> tuple[int, bytes]:
        cut = path.rfind(b"/")
        while cut > 0:
            found = self._open.get(path[:cut])
            if found is not None:
                return found, path[cut + 1 :]
            cut = path.rfind(b"/", 0, cut)
        return self.root, path

    def split(self, path: bytes) -> tuple[int, bytes]:
        """The folder that `path` is in, and its name there: `.` for the root. Raises OSError."""
        folder, _, name = path.rpartition(b"/")
        return self.at(folder), name or b"."

    def status(self, path: bytes) -> os.stat_result | None:
        """What stat says of `path`, not followed; None where there is nothing. Raises OSError."""
        try:
            folder, name = self.split(path)
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, path: bytes) -> list[bytes]:
        """The names in the folder `path`. Raises OSError."""
        with os.scandir(self.at(path)) as entries:
            return [os.fsencode(entry.name) for entry in entries]

    def close(self) -> None:
        """Gives every descriptor back."""
        while self._open:
            os.close(self._open.popitem()[1])
        os.close(self.root)

    def __enter__(self) -> Folders:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def join(folder: bytes, name: bytes) -> bytes:
    """The path of `name` in `folder`."""
    return folder + b"/" + name if folder else name
