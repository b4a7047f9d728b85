"""What files of a branch hold: read once, and put into the store where it is new."""

from __future__ import annotations

import hashlib
import os
import stat

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.read import (
    BLOCK,
    digest_segments,
    entry_of,
    holes_between,
    open_file,
    read_with_stat,
    segments,
)
from sandbox.effects.files.xattrs import read_xattrs


class Contents:
    """Reads entries of a branch. `prefix`: of overlayfs' attributes in its layer. `blobs`: where new contents go."""

    def __init__(self, prefix: str, blobs: Blobs | None) -> None:
        self._metacopy, self._redirect = f"{prefix}metacopy", f"{prefix}redirect"
        self._blobs = blobs

    def entry(
        self, folder: int, name: bytes, ids: int, pre: Entry | None, layer: int, *, is_file: bool = False
    ) -> tuple[Entry, os.stat_result] | None:
        """As `read_with_stat`. `pre`: what was there before. `layer`: the folder of the layer, where
        `pre` is what shows through it; else -1. `is_file`: the layer has a file there, so it need not be asked.
        """
        try:
            if not (is_file or stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)):
                return read_with_stat(folder, name, ids=ids)
            fd = open_file(name, folder)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(fd)
            size = status.st_size
            if pre is not None and pre.kind != "file":
                pre = None
            # Up to a block it is read in one go; beyond, it is worth asking whether its bytes were copied at all.
            if pre and pre.size == size > BLOCK and layer >= 0 and self._bytes_are_below(layer, name):
                content, holes = pre.content, pre.holes
            else:
                data = segments(fd, size)
                holes = holes_between(data, size) if size > BLOCK else ()
                content = self._digest(fd, data, size, pre)
            return entry_of("file", status, ids, read_xattrs(fd, ids), content, holes=holes), status
        finally:
            os.close(fd)

    def _bytes_are_below(self, layer: int, name: bytes) -> bool:
        """Whether the layer has a file's metadata only, and the bytes still come from the same path of the lower."""
        try:
            names = os.listxattr(b"/proc/self/fd/%d/%s" % (layer, name), follow_symlinks=False)
        except FileNotFoundError:
            return False
        return self._metacopy in names and self._redirect not in names

    def _digest(self, fd: int, data: list[tuple[int, int]], size: int, pre: Entry | None) -> str:
        blobs, known = self._blobs, pre.content if pre else ""
        if not data or (len(data) == 1 and data[0][1] <= BLOCK):
            piece = os.pread(fd, data[0][1], data[0][0]) if data else b""
            digest = hashlib.sha256(piece).hexdigest()
            if blobs and digest != known:
                blobs.put_bytes(piece)
            return digest
        if blobs is None:
            return digest_segments(fd, data)
        if pre and pre.size == size:
            # Touched is not changed: most often nothing has to be stored.
            digest = digest_segments(fd, data)
            if digest == known:
                return digest
        return blobs.put(fd, data)
