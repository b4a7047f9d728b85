"""A content-addressed store: bytes under their SHA-256, written once, never changed.

Pre-images and post-images of everything that actions change lie here. Files appear whole or not at all; `barrier`
makes all of them durable with one flush of the file system, and is called before anything refers to them.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from sandbox.effects.adapter import QuotaError
from sandbox.errors import SandboxError

_CHUNK = 1 << 20
_FICLONE = 0x40049409
_CANNOT_SHARE = (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.EPERM, errno.ETXTBSY)
_WORTH_SHARING = 1 << 16
_DIGEST = re.compile(r"[0-9a-f]{64}")
_libc = ctypes.CDLL(None, use_errno=True)


class SpoiltError(SandboxError, ValueError):
    """The disk does not hold what was stored."""

    code = "store-spoilt"


class Blobs:
    """The store below one folder, of at most `quota` bytes. Any number of processes may use one."""

    def __init__(self, folder: Path, quota: int) -> None:
        self.folder = folder
        self._quota = quota
        (folder / "new").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._known: int | None = None

    def close(self) -> None:
        """Gives the folder back."""
        os.close(self._fd)

    @property
    def quota(self) -> int:
        """Bytes that it may hold."""
        return self._quota

    @property
    def used(self) -> int:
        """Bytes stored, as this process knows: counted once, when it first matters."""
        if self._known is None:
            self._known = sum(size for _, size in self._all())
        return self._known

    def put(self, fd: int, segments: Sequence[tuple[int, int]]) -> str:
        """Copies a regular file's `segments` (offset, length): all of it, or what lies between its holes.

        They are stored one behind the other. Their digest. Raises QuotaError, OSError.
        """
        size = sum(length for _, length in segments)
        self._make_room(size)
        out = os.open(self.folder / "new", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            return self._keep(out, _copy(fd, out, segments), size)
        finally:
            os.close(out)

    def put_bytes(self, data: bytes) -> str:
        """Stores `data`. Its digest. Raises QuotaError, OSError."""
        digest = hashlib.sha256(data).hexdigest()
        if self._is_wanted_again(digest, len(data)):
            return digest
        self._make_room(len(data))
        out = os.open(self.folder / "new", os.O_TMPFILE | os.O_WRONLY, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(out, view) :]
            return self._keep(out, digest, len(data))
        finally:
            os.close(out)

    @property
    def fd(self) -> int:
        """The folder's descriptor: a flush of its file system is one of the store."""
        return self._fd

    def is_whole(self, digest: str) -> bool:
        """Whether it is stored, and holds what its name says. Reads all of it. Raises OSError."""
        try:
            fd = self.open(digest)
        except FileNotFoundError:
            return False
        try:
            return digest_of(fd, [(0, os.fstat(fd).st_size)]) == digest
        finally:
            os.close(fd)

    def has(self, digest: str, size: int | None = None) -> bool:
        """Whether it is stored, in all of its `size` bytes: a power cut leaves less of what was not flushed."""
        try:
            found = os.stat(self._name(digest), dir_fd=self._fd)
        except FileNotFoundError:
            return False
        return size is None or found.st_size == size

    def open(self, digest: str) -> int:
        """A descriptor to read it from, at its start. Raises FileNotFoundError when it is gone."""
        return os.open(self._name(digest), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=self._fd)

    def read(self, digest: str) -> bytes:
        """All of it, for what is known to be small. Raises FileNotFoundError, SpoiltError."""
        fd = self.open(digest)
        with os.fdopen(fd, "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise SpoiltError(f"blob {digest[:12]} does not hold what its name says", fix="look at the disk")
        return data

    def barrier(self) -> None:
        """Makes everything put so far durable, with one flush."""
        if _libc.syncfs(self._fd) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"syncfs: {os.strerror(number)}")

    def sweep(self, keep: Container[str], older_than_ns: int) -> tuple[int, int]:
        """Removes what is neither in `keep` nor younger than a moment (someone may be about to refer to it).

        How many, and their bytes.
        """
        count = freed = 0
        for digest, size in [*self._all()]:
            if digest in keep:
                continue
            name = self._name(digest)
            if os.stat(name, dir_fd=self._fd).st_ctime_ns < older_than_ns:
                os.unlink(name, dir_fd=self._fd)
                count, freed = count + 1, freed + size
        self._known = self.used - freed
        return count, freed

    def _make_room(self, size: int) -> None:
        if self.used + size > self._quota:
            raise QuotaError(
                f"the store of pre-images is full: {self.used + size:,} of {self._quota:,} bytes",
                fix="sandbox gc, or a larger quota",
            )

    def _keep(self, out: int, digest: str, size: int) -> str:
        while not self._is_wanted_again(digest, size):
            with contextlib.suppress(FileExistsError):
                self._link(out, digest)
                self._known = self.used + size
                break
        return digest

    def _is_wanted_again(self, digest: str, size: int) -> bool:
        """Whether it is there already. A sweep that is under way sees that it is referred to from now on.

        What a power cut left of one that was not flushed goes.
        """
        name = self._name(digest)
        with contextlib.suppress(FileNotFoundError):
            os.utime(name, dir_fd=self._fd)
            if os.stat(name, dir_fd=self._fd).st_size == size:
                return True
            os.unlink(name, dir_fd=self._fd)
        return False

    def _link(self, out: int, digest: str) -> None:
        source, name = f"/proc/self/fd/{out}", self._name(digest)
        try:
            os.link(source, name, dst_dir_fd=self._fd, follow_symlinks=True)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name[:2], 0o700, dir_fd=self._fd)
            os.link(source, name, dst_dir_fd=self._fd, follow_symlinks=True)

    def _all(self) -> Iterator[tuple[str, int]]:
        for folder in self.folder.glob("??"):
            with os.scandir(folder) as found:
                for entry in found:
                    yield f"{folder.name}{entry.name}", entry.stat(follow_symlinks=False).st_size

    @staticmethod
    def _name(digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is no digest")
        return f"{digest[:2]}/{digest[2:]}"


def _copy(fd: int, out: int, segments: Sequence[tuple[int, int]]) -> str:
    """Copies, sharing the blocks where the file system can, and hashes what was copied: the source may change."""
    if len(segments) == 1 and segments[0][0] == 0 and segments[0][1] >= _WORTH_SHARING and share(fd, out):
        os.ftruncate(out, segments[0][1])
        return digest_of(out, segments)
    return digest_of(fd, segments, out)


def share(fd: int, out: int) -> bool:
    """Makes `out` share all blocks of `fd`; False where the file system cannot. Raises OSError."""
    try:
        fcntl.ioctl(out, _FICLONE, fd)
    except OSError as error:
        if error.errno not in _CANNOT_SHARE:
            raise
        return False
    return True


def digest_of(fd: int, segments: Sequence[tuple[int, int]], out: int = -1) -> str:
    """The SHA-256, in hex, of a file's segments; with `out`, they are copied there meanwhile. Raises OSError."""
    found = hashlib.sha256()
    for offset, length in segments:
        while length:
            data = os.pread(fd, min(_CHUNK, length), offset)
            if not data:
                raise OSError(errno.EIO, "the file became shorter while it was read")
            found.update(data)
            offset, length = offset + len(data), length - len(data)
            view = memoryview(data)
            while out >= 0 and view:
                view = view[os.write(out, view) :]
    return found.hexdigest()
