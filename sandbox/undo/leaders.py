"""The live resources of a workspace, opened for one transition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.effects.files.live import FilesLive
from sandbox.effects.sqlite.live import SqliteLive
from sandbox.undo.home import Home
from sandbox.undo.lead import Leader
from sandbox.undo.roots import Roots


class Leaders:
    """Opens them below the roots, and nowhere else."""

    def __init__(self, home: Home, roots: Roots) -> None:
        self._home = home
        self._roots = roots

    @contextmanager
    def open(self, workspace: str) -> Iterator[Leader]:
        """The resources of the workspace of that name. Raises JobError where it is gone or under no root."""
        with self._roots.open(workspace) as opened:
            # By its descriptor: what has this path now may be another folder in a moment.
            folder = Path(f"/proc/self/fd/{opened.fd}")
            files = FilesLive(folder, self._home.blobs)
            try:
                yield Leader([files, SqliteLive(folder, self._home.blobs)])
            finally:
                files.close()
