"""Reading one entry of a folder by descriptor: nothing is followed, nothing outside of the root is reached."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
from collections.abc import Sequence

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.blobs import digest_of
from sandbox.effects.files.entry import Entry, Kind
from sandbox.effects.files.xattrs import read_xattrs

KINDS: dict[int, Kind] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}
_OPENAT2 = 437
# RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
_NO_XDEV = 0x01
_RESOLVE = _NO_XDEV | 0x02 | 0x04 | 0x08
_PATH_MAX = 4096
BLOCK = 1 << 16
_ZEROS = bytes(BLOCK)
# More pieces than this in one file are refused: every one is kept, and told.
_MOST_SEGMENTS = 1 << 18
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(root: int, path: bytes, flags: int, *, mounts: bool = False) -> int:
    """A descriptor of `path` beneath the folder `root`; `b""` is the folder itself.

    Links are not followed, also not on the way; other mounts are not entered unless `mounts`; `..` is refused. A path
    may be longer than PATH_MAX. Raises OSError: ELOOP for a link, EXDEV for another mount, ENOENT, ENOTDIR, EINVAL for
    `..`.
    """
    at, rest = root, path
    try:
        while len(rest) >= _PATH_MAX:
            cut = rest.rindex(b"/", 0, _PATH_MAX)
            further = _openat2(at, rest[:cut], os.O_PATH | os.O_DIRECTORY, mounts)
            if at != root:
                os.close(at)
            at, rest = further, rest[cut + 1 :]
        return _openat2(at, rest or b".", flags, mounts)
    finally:
        if at != root:
            os.close(at)


def _openat2(at: int, path: bytes, flags: int, mounts: bool) -> int:
    if b".." in path and b".." in path.split(b"/"):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    how = _OpenHow(flags | os.O_CLOEXEC, 0, _RESOLVE & ~_NO_XDEV if mounts else _RESOLVE)
    found = _syscall(
        ctypes.c_long(_OPENAT2), ctypes.c_long(at), path, ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how))
    )
    if found < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return int(found)


def read_entry(parent: int, name: bytes, *, content: bool = True, ids: int = 0) -> Entry | None:
    """What `name` is in the folder that `parent` is open on; None where there is nothing. `b"."` is the folder itself.

    `ids` is subtracted from owners, wherever they stand. `links` stays empty: it cannot be known from one entry.
    Without `content` a file's bytes and holes are not looked at. Raises UnsupportedError for a device and for owners
    below `ids`; OSError, with EIO for a file that becomes shorter while it is read.
    """
    found = read_with_stat(parent, name, content=content, ids=ids)
    return found[0] if found else None


def read_with_stat(
    parent: int, name: bytes, *, content: bool = True, ids: int = 0
) -> tuple[Entry, os.stat_result] | None:
    """As `read_entry`, and the kernel's own word on it, taken after the content was read."""
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        kind = KINDS.get(stat.S_IFMT(status.st_mode))
        if kind is None:
            raise UnsupportedError(f"{os.fsdecode(name)!r} is a device")
        if kind != "file":
            target = os.readlink(name, dir_fd=parent) if kind == "symlink" else b""
            at = b"/proc/self/fd/%d/%s" % (parent, name)
            return entry_of(kind, status, ids, read_xattrs(at, ids), target=target), status
        if not content:
            return entry_of(kind, status, ids, read_xattrs(b"/proc/self/fd/%d/%s" % (parent, name), ids)), status
        fd = open_file(name, parent)
    except FileNotFoundError:
        return None
    try:
        if status.st_size <= BLOCK:
            piece = os.pread(fd, BLOCK + 1, 0)
            xattrs = read_xattrs(fd, ids)
            now = os.fstat(fd)
            # Else it was replaced, or written, since it was looked at.
            if len(piece) == status.st_size and _moment(now) == _moment(status):
                return entry_of(kind, now, ids, xattrs, hashlib.sha256(piece).hexdigest()), now
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EIO, "the entry was replaced while it was read", name)
        data = segments(fd, status.st_size)
        digest = digest_segments(fd, data)
        holes = holes_between(data, status.st_size)
        entry = entry_of(kind, status, ids, read_xattrs(fd, ids), digest, holes=holes)
        return entry, os.fstat(fd)
    finally:
        os.close(fd)


def _moment(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_dev, status.st_size, status.st_ctime_ns


def open_file(name: bytes, parent: int) -> int:
    """A regular file of the folder `parent`, to be read, its atime kept where that is allowed. Raises OSError."""
    try:
        return os.open(name, _READ | os.O_NOATIME, dir_fd=parent)
    except PermissionError:
        return os.open(name, _READ, dir_fd=parent)


def entry_of(
    kind: Kind,
    status: os.stat_result,
    ids: int,
    xattrs: tuple[tuple[bytes, bytes], ...],
    content: str = "",
    *,
    target: bytes = b"",
    holes: tuple[tuple[int, int], ...] = (),
) -> Entry:
    """The entry that a stat and its other parts make. Raises UnsupportedError for owners below `ids`."""
    uid, gid = status.st_uid - ids, status.st_gid - ids
    if uid < 0 or gid < 0:
        raise UnsupportedError(f"an owner ({status.st_uid}, {status.st_gid}) that the branch cannot map")
    size = status.st_size if kind == "file" else 0
    nlink = status.st_nlink if kind != "dir" else 1
    mode = stat.S_IMODE(status.st_mode)
    return Entry(kind, mode, uid, gid, status.st_mtime_ns, size, xattrs, content, target, holes, (), nlink)


def segments(fd: int, size: int) -> list[tuple[int, int]]:
    """What of an open file of `size` bytes is not in its holes, as (offset, length), in order.

    A hole is a run of aligned blocks of 64 KiB that are all zeros, and a smaller file has none: what the bytes are
    decides, not what is allocated. Whether blocks that were allocated and never written count as data depends on what
    is in the page cache, and overlayfs fills small holes when it copies a file up. Raises OSError, UnsupportedError.
    """
    if size <= BLOCK:
        return [(0, size)] if size else []
    found: list[tuple[int, int]] = []
    begin = end = at = 0
    while at < size:
        try:
            at = os.lseek(fd, at, os.SEEK_DATA) // BLOCK * BLOCK
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            break
        stop = os.lseek(fd, at, os.SEEK_HOLE)
        # A block that begins in a hole and goes on in data.
        stop = stop if stop > at else at + 1
        while at < min(stop, size):
            if not _is_zero(fd, at, min(BLOCK, size - at)):
                if at != end:
                    _add(found, begin, end)
                    begin = at
                end = min(at + BLOCK, size)
            at += BLOCK
    _add(found, begin, end)
    return found


def _add(found: list[tuple[int, int]], begin: int, end: int) -> None:
    if end > begin:
        found.append((begin, end - begin))
    if len(found) > _MOST_SEGMENTS:
        raise UnsupportedError(f"a file in more than {_MOST_SEGMENTS:,} pieces")


def _is_zero(fd: int, at: int, length: int) -> bool:
    # Nearly always the first bytes tell.
    head = os.pread(fd, 16, at)
    return not any(head) and os.pread(fd, length, at) == _ZEROS[:length]


def holes_between(data: Sequence[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    """The holes of a file of `size` bytes whose data are `data`."""
    holes, at = [], 0
    for start, length in data:
        if start > at:
            holes.append((at, start - at))
        at = start + length
    if at < size:
        holes.append((at, size - at))
    return tuple(holes)


def digest_segments(fd: int, data: Sequence[tuple[int, int]]) -> str:
    """The SHA-256, in hex, of `data`, one piece behind the other. Raises OSError, EIO where the file became shorter."""
    if len(data) == 1 and data[0][1] <= BLOCK:
        piece = os.pread(fd, data[0][1], data[0][0])
        if len(piece) == data[0][1]:
            return hashlib.sha256(piece).hexdigest()
    return digest_of(fd, data)
