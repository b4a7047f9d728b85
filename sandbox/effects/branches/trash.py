"""What is thrown away is freed by a thread of its own: a branch is gone at once, however much it holds."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path


class _Trash:
    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Sequence[int], Path | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending = threading.Condition()
        self._count = 0
        self._process = 0

    def throw(self, descriptors: Sequence[int], folder: Path | None) -> None:
        with self._lock:
            # A thread does not come along into a forked process.
            if self._process != os.getpid():
                self._process, self._count = os.getpid(), 0
                threading.Thread(target=self._empty, name="trash", daemon=True).start()
        with self._pending:
            self._count += 1
        self._queue.put((descriptors, folder))

    def _empty(self) -> None:
        while True:
            descriptors, folder = self._queue.get()
            for each in descriptors:
                os.close(each)
            if folder is not None:
                # Deeper than any recursion of ours would go, and never into another file system.
                subprocess.run(["rm", "-rf", "--one-file-system", "--", folder], check=False, capture_output=True)
            with self._pending:
                self._count -= 1
                self._pending.notify_all()

    def wait(self, seconds: float) -> bool:
        with self._pending:
            return self._pending.wait_for(lambda: self._count == 0, seconds)


_trash = _Trash()


def throw_away(descriptors: Sequence[int], folder: Path | None = None) -> None:
    """Closes descriptors, in order, and removes a folder with all that it holds; soon. The caller forgets them."""
    _trash.throw(descriptors, folder)


def emptied(seconds: float = 10.0) -> bool:
    """Waits until all that was thrown away is freed; False when that takes longer."""
    return _trash.wait(seconds)
