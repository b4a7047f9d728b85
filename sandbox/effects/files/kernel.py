"""What `os` does not have of the kernel: renameat2, statx's time of birth, syncfs, which start of the machine it is."""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from functools import cache
from pathlib import Path

NOREPLACE, EXCHANGE = 1, 2
_AT_SYMLINK_NOFOLLOW, _STATX_BTIME = 0x100, 0x800
# struct statx: stx_mask first; stx_btime (seconds, nanoseconds) at 80.
_MASK, _BTIME, _STATX_SIZE = struct.Struct("=I"), struct.Struct("=qI"), 256
_libc = ctypes.CDLL(None, use_errno=True)
_libc.renameat2.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
_libc.statx.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)


class _Own(threading.local):
    """Each thread's: making one takes longer than the call."""

    def __init__(self) -> None:
        self.statx = ctypes.create_string_buffer(_STATX_SIZE)


_own = _Own()


def rename(from_fd: int, from_name: bytes, to_fd: int, to_name: bytes, flags: int) -> None:
    """renameat2(2), with NOREPLACE or EXCHANGE. Raises OSError: EEXIST, ENOENT and the like."""
    if _libc.renameat2(from_fd, from_name, to_fd, to_name, flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), to_name)


def birth(parent: int, name: bytes) -> int:
    """When the inode of `name` was made, in nanoseconds since 1970; 0 where the file system does not know. OSError."""
    found = _own.statx
    if _libc.statx(parent, name, _AT_SYMLINK_NOFOLLOW, _STATX_BTIME, found) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    if not _MASK.unpack_from(found)[0] & _STATX_BTIME:
        return 0
    seconds, nanoseconds = _BTIME.unpack_from(found, 80)
    return int(seconds * 1_000_000_000 + nanoseconds)


def sync(fd: int) -> None:
    """Everything of the file system that `fd` is on becomes durable: one flush. Raises OSError."""
    if _libc.syncfs(fd) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"syncfs: {os.strerror(number)}")


@cache
def boot() -> str:
    """Which start of the machine this is: after another one, what was not flushed before may be lost."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
