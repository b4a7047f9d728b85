"""A file's bytes, from the store: shared where the file system can, else copied, and hashed in any case."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sandbox.effects.blobs import Blobs, digest_of, share
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.restore import data_between

_SMALL = 1 << 16
# From here on, a second thread that hashes is worth its start.
_LARGE = 1 << 23
_CHUNK, _PIECE = 1 << 20, 1 << 24


def fill(fd: int, entry: Entry, blobs: Blobs) -> None:
    """Writes what `entry` holds, with its holes, into an empty file. Raises OSError: EIO where a blob is spoilt."""
    data = data_between(entry.holes, entry.size)
    source = blobs.open(entry.content)
    try:
        if len(data) == 1 and entry.size <= _SMALL and not entry.holes:
            piece = os.read(source, entry.size + 1)
            digest = hashlib.sha256(piece).hexdigest()
            if os.write(fd, piece) != entry.size:
                raise OSError(errno.EIO, "a blob is not as long as the file that it is of")
        elif not entry.holes and share(source, fd):
            os.ftruncate(fd, entry.size)
            digest = digest_of(source, [(0, entry.size)])
        elif not entry.holes and entry.size >= _LARGE:
            digest = _copy(source, fd, entry.size)
        else:
            digest = _pour(source, fd, data)
            if entry.holes:
                os.ftruncate(fd, entry.size)
    finally:
        os.close(source)
    if digest != entry.content:
        raise OSError(errno.EIO, f"blob {entry.content[:12]} does not hold what its name says")


def _copy(source: int, fd: int, size: int) -> str:
    """Copies within the kernel, and hashes meanwhile: blobs do not change. The digest."""
    with ThreadPoolExecutor(1) as other:
        digest = other.submit(digest_of, source, [(0, size)])
        offset = 0
        while offset < size:
            sent = os.sendfile(fd, source, offset, min(size - offset, _PIECE))
            if not sent:
                raise OSError(errno.EIO, "a blob is shorter than the file that it is of")
            offset += sent
        return digest.result()


def _pour(source: int, fd: int, data: Sequence[tuple[int, int]]) -> str:
    """Writes what is in `source`, one piece behind the other, to where each piece belongs. Its digest."""
    found = hashlib.sha256()
    for offset, length in data:
        while length:
            view = memoryview(os.read(source, min(_CHUNK, length)))
            if not view:
                raise OSError(errno.EIO, "a blob is shorter than the file that it is of")
            found.update(view)
            length -= len(view)
            while view:
                written = os.pwrite(fd, view, offset)
                offset, view = offset + written, view[written:]
    return found.hexdigest()
