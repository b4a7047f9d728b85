"""Contents of files by their digests: from the store, or from the workspace while what was there before still is.

Pre-images go into the store when an action is committed; until then they are nowhere but in the workspace.
"""

from __future__ import annotations

import hashlib
import os
import stat

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.read import open_beneath

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Contents:
    """`workspace`: its descriptor; None where it is gone."""

    def __init__(self, blobs: Blobs, workspace: int | None) -> None:
        self._blobs, self._workspace = blobs, workspace

    def read(self, digest: str, path: bytes, size: int) -> bytes:
        """What has that digest. Raises FileNotFoundError where it is in neither place."""
        try:
            return self._blobs.read(digest)
        except FileNotFoundError:
            if self._workspace is None:
                raise
        data = self._live(self._workspace, path, size)
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileNotFoundError(f"{os.fsdecode(path)} is no longer what it was")
        return data

    @staticmethod
    def _live(workspace: int, path: bytes, size: int) -> bytes:
        try:
            fd = open_beneath(workspace, path, _READ)
        except OSError as error:
            raise FileNotFoundError(str(error)) from error
        with os.fdopen(fd, "rb") as file:
            return file.read(size) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
