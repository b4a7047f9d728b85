"""Knowing, after a crash, what the journal lost: each process notes the last record that it appended.

The note is a page of memory that the kernel keeps (a mapped file), so it costs no call for each record and outlives
the process. A process that closes its journal takes the note away; one whose lock is free died.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_FORM = struct.Struct("<16sQ32s")
_NO_LEAF = bytes(32)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """How the journal was left: by how many processes without closing it, whether the machine was restarted since
    (then what was not durable may be gone without a trace), and how many records are known to be missing."""

    processes: int
    restarted: bool
    missing: int


class Marker:
    """This process's own note, below the journal's folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        # Locked before it has a name: nobody ever sees it free.
        fcntl.flock(fd, fcntl.LOCK_EX)
        os.ftruncate(fd, mmap.PAGESIZE)
        self._fd, self._page = fd, mmap.mmap(fd, mmap.PAGESIZE)
        self._boot = _boot()
        self.put(0, _NO_LEAF)
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        # Only with a descriptor of the folder does Python follow the link, which is how the file gets a name.
        within = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.link(f"/proc/self/fd/{fd}", self._path.name, dst_dir_fd=within, follow_symlinks=True)
        finally:
            os.close(within)

    def put(self, size: int, leaf: bytes) -> None:
        """The tree's size with the last record that this process appended, and that record's leaf hash."""
        _FORM.pack_into(self._page, 0, self._boot, size, leaf)

    def close(self) -> None:
        """All that this process appended is where it belongs."""
        self._path.unlink(missing_ok=True)
        self._page.close()
        os.close(self._fd)


def interrupted(folder: Path, size: int, leaf: Callable[[int], bytes]) -> Interrupted | None:
    """What the notes of dead processes say of a journal of `size` records, whose leaf hashes `leaf` tells.

    They are taken away: it is told once. None when every process closed its journal.
    """
    processes, restarted, missing = 0, False, 0
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            boot, noted, hashed = _FORM.unpack(os.pread(fd, _FORM.size, 0).ljust(_FORM.size, b"\0"))
            processes += 1
            restarted |= boot != _boot()
            if noted and (noted > size or leaf(noted - 1) != hashed):
                missing = max(missing, noted - size, 1)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(fd)
    return Interrupted(processes, restarted, missing) if processes else None


def _boot() -> bytes:
    return bytes.fromhex(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip().replace("-", ""))
