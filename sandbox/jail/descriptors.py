"""Files in memory, to hand things to a jail without a path and without a copy in anybody's memory."""

from __future__ import annotations

import fcntl
import os

_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_CLOEXEC_SEALABLE = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING


def sealed(name: str, data: bytes) -> int:
    """A descriptor at the start of `data`, which nobody can change any more. The caller closes it."""
    fd = os.memfd_create(name, _CLOEXEC_SEALABLE)
    try:
        written = os.pwrite(fd, data, 0) if data else 0
        while written < len(data):
            written += os.pwrite(fd, memoryview(data)[written:], written)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd


def empty(name: str) -> int:
    """A descriptor of an empty file, to be written by a jail. The caller closes it."""
    return os.memfd_create(name, os.MFD_CLOEXEC)


def size_of(fd: int) -> int:
    """Bytes in a file."""
    return os.fstat(fd).st_size


def contents(fd: int, size: int) -> bytes:
    """At most `size` bytes from the start of a file."""
    parts = []
    offset = 0
    while offset < size:
        part = os.pread(fd, size - offset, offset)
        if not part:
            break
        parts.append(part)
        offset += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
