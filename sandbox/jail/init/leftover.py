"""Files that a dead candidate left, copied for the server or kept for the next of its tests: never followed or read."""

import os
import stat

_ABSENT, _IRREGULAR, _LARGE = -1, -2, -3


def collect(paths: "list[str]", out: int, limit: int) -> "list[int]":
    """Copies the regular ones of the files that a dead candidate left, at most `limit` bytes of them together.

    The size of each, or why it was not copied.
    """
    sizes = []
    for path in paths:
        sizes.append(_copy(path, out, limit))
        limit -= max(0, sizes[-1])
    return sizes


def _copy(path: str, out: int, limit: int) -> int:
    """Copies one of them, behind those before it. Nothing is read here."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return _ABSENT
    except OSError:
        return _IRREGULAR
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return _IRREGULAR
        if status.st_size > limit:
            return _LARGE
        offset = 0
        while offset < status.st_size:
            offset += os.sendfile(out, fd, offset, status.st_size - offset)
        return status.st_size
    finally:
        os.close(fd)


def move(source: str, target: str) -> None:
    """Gives a file that a dead candidate left another place, if it is there."""
    try:
        os.replace(source, target)
    except FileNotFoundError:
        pass
