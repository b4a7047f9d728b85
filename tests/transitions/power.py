"""A disk of its own, whose power is cut: what it holds at a moment is what had been flushed until then."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SIZE = 24 << 20
_PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
# Nothing gets there by itself within the time of a test.
_OPTIONS = "loop,commit=300"


@dataclass
class Disk:
    """ext4 in the file `image`, mounted at `path`."""

    image: Path
    path: Path
    _snapshots: int = field(default=0, init=False)

    def cut(self) -> Path:
        """A copy of what the disk holds now."""
        self._snapshots += 1
        copy = self.image.with_name(f"cut-{self._snapshots}")
        subprocess.run(["cp", "--sparse=always", self.image, copy], check=True)
        return copy

    def start(self, image: Path) -> None:
        """Goes on from such a copy: the journal of the file system is played back. Nothing on it may be open."""
        self.unmount()
        image.replace(self.image)
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-o", _OPTIONS, self.image, self.path], check=True, env={**os.environ, "PATH": _PATH})

    def unmount(self) -> None:
        subprocess.run(["umount", self.path], check=True)


@contextmanager
def disk(folder: Path) -> Iterator[Disk | None]:
    """None where this machine cannot mount one."""
    made = Disk(folder / "image", folder / "disk")
    made.path.mkdir()
    make = shutil.which("mkfs.ext4", path=_PATH)
    if make is None:
        yield None
        return
    with made.image.open("wb") as file:
        file.truncate(_SIZE)
    subprocess.run([make, "-q", "-F", "-N", "2000", made.image], check=True)
    try:
        made.mount()
    except subprocess.CalledProcessError:
        yield None
        return
    try:
        yield made
    finally:
        # A test that failed holds descriptors: what failed is to be told, not that.
        subprocess.run(["umount", "--lazy", made.path], check=True)
