"""Whether a backend's branches are true to what programs expect of files: found out by doing, once for each process."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from sandbox.effects.branches.mounts import tmpfs
from sandbox.errors import SetupError

_LARGE = 1 << 17


class Probed(Protocol):
    """What is needed of a branch here."""

    @property
    def mount(self) -> int:
        """The branch, to be changed."""

    def discard(self) -> None:
        """Throws it away."""


def probe(open_one: Callable[[int], Probed]) -> None:
    """Tries a branch of a small workspace in memory. `open_one` makes one of a folder's descriptor.

    Raises SetupError, with what was found to be untrue, or OSError.
    """
    workspace = tmpfs(1 << 20, 64)
    try:
        _furnish(workspace)
        branch = open_one(workspace)
        try:
            untrue = [what for what, holds in _TRIED.items() if not holds(branch.mount)]
        finally:
            branch.discard()
    finally:
        os.close(workspace)
    if untrue:
        raise SetupError("branches of this kind are not true to files", why="; ".join(untrue))


def _furnish(at: int) -> None:
    os.mkdir("folder", dir_fd=at)
    for name, data in (("folder/file", b"1"), ("one", b"1"), ("large", bytes(_LARGE))):
        _write(at, name, data)
    os.link("one", "two", src_dir_fd=at, dst_dir_fd=at)


def _write(at: int, name: str, data: bytes) -> None:
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644, dir_fd=at)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def _renames(at: int) -> bool:
    try:
        os.rename("folder", "renamed", src_dir_fd=at, dst_dir_fd=at)
        return os.stat("renamed/file", dir_fd=at).st_size == 1
    except OSError:
        return False


def _links(at: int) -> bool:
    _write(at, "one", b"22")
    return os.stat("two", dir_fd=at).st_size == 2


def _attributes(at: int) -> bool:
    fd = os.open("one", os.O_RDONLY | os.O_CLOEXEC, dir_fd=at)
    try:
        os.setxattr(fd, "user.probe", b"1")
        return os.getxattr(fd, "user.probe") == b"1"
    except OSError:
        return False
    finally:
        os.close(fd)


_TRIED: dict[str, Callable[[int], bool]] = {
    "a folder cannot be renamed": _renames,
    "names of one file come apart": _links,
    "user attributes are refused": _attributes,
}
