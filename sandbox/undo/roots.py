"""Which folders actions may work in: those under roots that were named when the server started, and no others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.effects.files.read import open_beneath
from sandbox.errors import ConfigError, JobError

_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open folder that an action may work in. `name`: its absolute path, as it stands in the journal."""

    name: str
    fd: int
    uid: int
    gid: int


class Roots:
    """The roots. Paths are resolved beneath them without following any link; `mounts`: over mounts on the way.

    `private`: a folder of the server's own, which no workspace may hold or lie in: actions would write the journal.
    """

    def __init__(self, roots: Sequence[Path], *, mounts: bool = False, private: Path | None = None) -> None:
        self._mounts = mounts
        self._private = private and Path(os.path.realpath(private))
        self._above = _inodes((self._private, *self._private.parents)) if self._private else frozenset()
        self._roots: dict[Path, int] = {}
        self._places: dict[str, tuple[Path, str]] = {}
        for root in roots:
            path = Path(os.path.realpath(root))
            try:
                self._roots[path] = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError as error:
                raise ConfigError(f"workspace root {root}", why=error.strerror or "", fix="name a folder") from error

    def close(self) -> None:
        """Gives the folders back."""
        for fd in self._roots.values():
            os.close(fd)
        self._roots.clear()

    @property
    def names(self) -> tuple[str, ...]:
        """As they were given, links resolved."""
        return tuple(str(root) for root in self._roots)

    @contextmanager
    def open(self, workspace: str) -> Iterator[Workspace]:
        """The folder `workspace`: absolute, or relative to the only root. Raises JobError."""
        root, rest = self._place(workspace)
        fd = self._beneath(root, rest, workspace)
        try:
            status = os.fstat(fd)
            if self._meets_private(root / rest, status):
                raise JobError(
                    "workspace",
                    f"{workspace!r} holds the journal, or lies in it",
                    "another folder, or SANDBOX_HOME=DIR outside of it",
                    reject="PERMISSION_DENIED",
                )
            yield Workspace(str(root / rest) if rest else str(root), fd, status.st_uid, status.st_gid)
        finally:
            os.close(fd)

    def _meets_private(self, path: Path, status: os.stat_result) -> bool:
        """Whether one lies in the other: by names, and by inodes, since a folder may be mounted at several places."""
        inside = self._private is not None and (path == self._private or self._private in path.parents)
        return inside or (status.st_dev, status.st_ino) in self._above

    def _place(self, workspace: str) -> tuple[Path, str]:
        """Which root it is under, and the path from there. The same for the same text, and so worked out once."""
        found = self._places.get(workspace)
        if found is None:
            found = self._placed(workspace)
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            self._places[workspace] = found
        return found

    def _placed(self, workspace: str) -> tuple[Path, str]:
        if not self._roots:
            raise JobError(
                "workspace",
                "this server has no workspace roots",
                "sandbox serve --workspace-root DIR",
                reject="FAILED_PRECONDITION",
            )
        if "\0" in workspace or not workspace:
            raise JobError("workspace", "is no path", "name a folder under a workspace root")
        given = Path(workspace)
        if not given.is_absolute():
            if len(self._roots) > 1:
                raise JobError(
                    "workspace", f"{workspace!r} is relative, and there are several roots", "an absolute path"
                )
            given = next(iter(self._roots)) / given
        if ".." in given.parts:
            raise JobError("workspace", f"{workspace!r} holds ..", "write the path without it")
        for root in sorted(self._roots, key=lambda each: -len(each.parts)):
            if given == root or root in given.parents:
                return root, str(given.relative_to(root)) if given != root else ""
        raise JobError(
            "workspace",
            f"{workspace!r} is under no workspace root",
            f"one of: {', '.join(self.names)}",
            reject="PERMISSION_DENIED",
        )

    def _beneath(self, root: Path, rest: str, workspace: str) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            return open_beneath(self._roots[root], os.fsencode(rest or "."), flags, mounts=self._mounts)
        except FileNotFoundError as error:
            raise JobError(
                "workspace", f"{workspace!r} is not there", "make the folder first", reject="NOT_FOUND"
            ) from error
        except OSError as error:
            raise JobError(
                "workspace",
                f"{workspace!r} cannot be opened: {error.strerror}",
                "a folder that is reached without links or mounts below its root",
                reject="PERMISSION_DENIED",
            ) from error


def _inodes(folders: Iterable[Path]) -> frozenset[tuple[int, int]]:
    found = (folder.stat() for folder in folders)
    return frozenset((status.st_dev, status.st_ino) for status in found)
