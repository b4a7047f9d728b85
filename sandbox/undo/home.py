"""The folder that the undo runtime keeps: journal, store of pre-images, locks."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.effects.blobs import Blobs


class Home:
    """State on disk, readable by its owner only."""

    def __init__(self, folder: Path, store_bytes: int) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("blobs", "journal", "locks"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        self.blobs = Blobs(folder / "blobs", store_bytes)

    @property
    def journal(self) -> Path:
        """Where the journal lies."""
        return self.folder / "journal"

    def close(self) -> None:
        """Gives the folder back."""
        self.blobs.close()

    @contextmanager
    def lock(self, workspace: str) -> Iterator[None]:
        """One transition of a workspace at a time, over all processes. Blocks."""
        name = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:32]
        fd = os.open(self.folder / "locks" / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
