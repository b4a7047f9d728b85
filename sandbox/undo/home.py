"""The folder that the undo runtime keeps: journal, store of pre-images, stages that are done, locks."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.finished import FinishedStages


class Home:
    """State on disk, readable by its owner only."""

    def __init__(self, folder: Path, store_bytes: int) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("blobs", "journal", "locks"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        self.blobs = Blobs(folder / "blobs", store_bytes)
        self.finished = FinishedStages(folder / "finished")
        self.owner = secrets.token_hex(8)
        self._owning = self._lock_file(f"owner-{self.owner}")
        fcntl.flock(self._owning, fcntl.LOCK_EX)

    @property
    def journal(self) -> Path:
        """Where the journal lies."""
        return self.folder / "journal"

    def close(self) -> None:
        """Gives the folder back."""
        self.finished.close()
        self.blobs.close()
        (self.folder / "locks" / f"owner-{self.owner}").unlink(missing_ok=True)
        os.close(self._owning)

    def is_alive(self, owner: str) -> bool:
        """Whether the process that has this home open under that name still runs; this one does."""
        if owner == self.owner:
            return True
        path = self.folder / "locks" / f"owner-{owner}"
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            # Shared: two that ask at once do not take each other for the owner.
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            return False
        except BlockingIOError:
            return True
        finally:
            os.close(fd)

    @contextmanager
    def lock(self, workspace: str) -> Iterator[None]:
        """One transition of a workspace at a time, over all processes. Blocks."""
        name = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:32]
        fd = self._lock_file(name)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _lock_file(self, name: str) -> int:
        return os.open(self.folder / "locks" / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
