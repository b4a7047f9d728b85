"""A file system of its own in a file: its caches can be dropped without taking anybody else's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Volume:
    """ext4 in the file `image`, mounted at `path`."""

    image: Path
    path: Path

    def remount(self) -> None:
        """Nothing of it is cached afterwards: no name, no inode, no page. Nothing on it may be open."""
        self._unmount()
        fd = os.open(self.image, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", "loop,nosuid,nodev", self.image, self.path], check=True)

    def _unmount(self) -> None:
        subprocess.run(["umount", self.path], check=True)


@contextmanager
def volume(folder: Path, size: int, inodes: int) -> Iterator[Volume]:
    """One of `size` bytes, taken from the disk as they are used. Raises CalledProcessError where it cannot be."""
    found = Volume(folder / "volume.ext4", folder / "volume")
    found.path.mkdir()
    with found.image.open("wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-N", str(inodes), found.image], check=True)
    found._mount()
    try:
        yield found
    finally:
        found._unmount()
        found.image.unlink()
        found.path.rmdir()
