"""Stages whose transition is done, out of the workspace: kept until the disk has all of it, then removed.

Nobody waits for that. A stage that is here still holds what finishes its transition again, should the machine go down
before a flush: the renames may be lost then, the stage is not. So it is removed behind a flush, never before.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.effects.files import kernel
from sandbox.effects.files.staging import Stage
from sandbox.errors import SandboxError

# Other mounts, other projects of a quota, encrypted folders: the stage then stays where it is.
_ELSEWHERE = (errno.EXDEV, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EMLINK)
# Seconds without a transition until they are removed, and after which nothing is waited for any more.
_QUIET_S, _LONGEST_S = 1.0, 10.0


class FinishedStages:
    """Those below one folder. Any thread; any number of processes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._lock, self._removing = threading.Lock(), threading.Lock()
        self._pending: dict[bytes, float] = {}
        self._leading, self._last = 0, 0.0

    def close(self) -> None:
        """Flushes and removes what is left, and gives the folder back."""
        # What cannot be removed now is taken over at the next start.
        with suppress(OSError, SandboxError):
            self.remove()
        os.close(self.fd)

    def take(self, root: int, name: bytes) -> bool:
        """Moves a stage here, out of the workspace. False where that cannot be done: it is where it was. OSError."""
        try:
            kernel.rename(root, name, self.fd, name, kernel.NOREPLACE)
        except OSError as error:
            if error.errno in _ELSEWHERE:
                return False
            raise
        with self._lock:
            self._pending[name] = time.monotonic()
        return True

    def names(self) -> list[bytes]:
        """All that are here, also those of other processes and of processes that died. Raises OSError."""
        return Stage.leftovers(self.fd)

    def adopt(self) -> None:
        """Takes over what others left here: it is removed as one's own is. Raises OSError."""
        with self._lock:
            for name in self.names():
                self._pending.setdefault(name, time.monotonic())

    @contextmanager
    def leading(self) -> Iterator[None]:
        """While a transition is under way: removing can wait."""
        with self._lock:
            self._leading += 1
        try:
            yield
        finally:
            with self._lock:
                self._leading -= 1
                self._last = time.monotonic()

    def is_due(self) -> bool:
        """Whether something should be removed now."""
        with self._lock:
            now = time.monotonic()
            oldest = min(self._pending.values(), default=now)
            quiet = not self._leading and now - self._last >= _QUIET_S
            return bool(self._pending) and (quiet or now - oldest >= _LONGEST_S)

    def flush(self) -> None:
        """Makes all that was done durable; what is here stays. Blocking. Raises OSError."""
        if self.names():
            kernel.sync(self.fd)

    def remove(self) -> None:
        """Makes all that was done durable, with one flush, and removes its stages. Blocking. Raises OSError."""
        with self._removing:
            with self._lock:
                names = [*self._pending]
            if not names:
                return
            kernel.sync(self.fd)
            for name in names:
                Stage.discard(self.fd, name)
                with self._lock:
                    del self._pending[name]
