"""Runs a command that can change one folder and nothing else: `python confine.py FOLDER COMMAND ...`.

Weak graders have no jail, and an attack must not come true on the machine that tests it. So before the command runs

- Landlock lets this process, and all that it starts, write only in that folder, in /dev/shm and to harmless devices,
  reach no TCP port, and signal no process outside;
- where it may (as root), every mount but those two is made read-only in a mount namespace of its own, for what Landlock
  does not know: modes, owners, attributes.

Without Landlock nothing is run.
"""

from __future__ import annotations

import ctypes
import os
import sys

REFUSED = 97
_CREATE, _ADD, _RESTRICT, _MOUNT_SETATTR = 444, 445, 446, 442
_VERSION, _BENEATH = 1, 1
_NO_NEW_PRIVS = 38
_WRITE, _TRUNCATE = 1 << 1, 1 << 14
# Of the kernel's numbers: write, remove (2), make (7 kinds), refer, truncate.
_CHANGES = _WRITE | sum(1 << bit for bit in range(4, 14)) | _TRUNCATE
_TCP, _SIGNALS = 0b11, 0b10
_NEW_MOUNTS, _BIND, _RECURSIVE, _PRIVATE = 0x20000, 0x1000, 0x4000, 1 << 18
_HERE, _WHOLE_TREE, _READ_ONLY = -100, 0x8000, 1
_SHARED_MEMORY = b"/dev/shm"
_DEVICES = ("/dev/pts", "/dev/null", "/dev/tty", "/dev/full", "/dev/zero")
_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user", ctypes.c_uint64),
    )


def confine(folder: str) -> None:
    """Bounds this process and all that it starts, for good. Raises OSError where that cannot be done."""
    if os.geteuid() == 0:
        _make_the_rest_read_only(folder.encode())
    version = _checked(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION))
    if version < 3:
        raise OSError(f"Landlock {version} does not know of truncation")
    rules = _Ruleset(_CHANGES, _TCP if version >= 4 else 0, _SIGNALS if version >= 6 else 0)
    size = 8 * (1 + (version >= 4) + (version >= 6))
    ruleset = _checked(_libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0))
    for place in (folder, _SHARED_MEMORY.decode(), *_DEVICES):
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
        allowed = _CHANGES if os.path.isdir(place) else _WRITE | _TRUNCATE
        beneath = _Beneath(allowed, opened)
        _checked(_libc.syscall(_ADD, ruleset, _BENEATH, ctypes.byref(beneath), 0))
        os.close(opened)
    _checked(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_libc.syscall(_RESTRICT, ruleset, 0))
    os.close(ruleset)


def _make_the_rest_read_only(folder: bytes) -> None:
    _checked(_libc.unshare(_NEW_MOUNTS))
    _checked(_libc.mount(None, b"/", None, _RECURSIVE | _PRIVATE, None))
    _checked(_libc.mount(folder, folder, None, _BIND, None))
    _checked(_libc.mount(b"tmpfs", _SHARED_MEMORY, b"tmpfs", 0, b"size=64m"))
    _set(b"/", _WHOLE_TREE, _Attributes(set=_READ_ONLY))
    for place in (folder, _SHARED_MEMORY):
        _set(place, 0, _Attributes(clear=_READ_ONLY))
    os.chdir(folder)


def _set(path: bytes, flags: int, attributes: _Attributes) -> None:
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _checked(_libc.syscall(_MOUNT_SETATTR, _HERE, path, flags, ctypes.byref(attributes), size))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


if __name__ == "__main__":
    try:
        confine(sys.argv[1])
    except OSError as error:
        sys.stderr.write(f"not confined, so not run: {error}\n")
        os._exit(REFUSED)
    os.execvp(sys.argv[2], sys.argv[2:])
