"""The kernel's mount calls by descriptor: file systems and views of folders that are mounted nowhere.

Everything made here lives as long as a descriptor of it is open. See fsopen(2), open_tree(2), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Mapping

# Numbers are the same on every architecture since they were added (Linux 5.2 and 5.12).
_OPEN_TREE, _MOVE_MOUNT, _FSOPEN, _FSCONFIG, _FSMOUNT, _MOUNT_SETATTR = 428, 429, 430, 431, 432, 442
_CLOEXEC = 1
_OPEN_TREE_CLONE, _O_CLOEXEC = 1, os.O_CLOEXEC
_SET_FLAG, _SET_STRING, _SET_FD, _CREATE = 0, 1, 5, 6
_EMPTY_PATH, _MOVE_FROM_EMPTY_PATH = 0x1000, 0x4
_IDMAP = 0x00100000
READONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
_AT_FDCWD = -100
_MESSAGE = 512
_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long
# Waits, in a user namespace of its own, until its input ends.
_HOLDER = """
import ctypes, os
if ctypes.CDLL(None).unshare(0x10000000): raise SystemExit(1)
os.write(1, b"x")
os.read(0, 1)
"""

Setting = str | int | bool


def filesystem(kind: str, settings: Mapping[str, Setting] | list[tuple[str, Setting]], attributes: int = 0) -> int:
    """A new file system, as a descriptor of its root.

    `settings`: text, a descriptor (as int), or True for a word without a value, in order. Raises OSError with the
    kernel's own words where it has some.
    """
    context = _call(_FSOPEN, kind.encode(), _CLOEXEC)
    try:
        for name, value in settings.items() if isinstance(settings, Mapping) else settings:
            _configure(context, name, value)
        try:
            _call(_FSCONFIG, context, _CREATE, None, None, 0)
        except OSError as error:
            raise _told(context, f"{kind} is refused", error) from error
        return _call(_FSMOUNT, context, _CLOEXEC, attributes)
    finally:
        os.close(context)


def _configure(context: int, name: str, value: Setting) -> None:
    try:
        if value is True:
            _call(_FSCONFIG, context, _SET_FLAG, name.encode(), None, 0)
        elif isinstance(value, str):
            _call(_FSCONFIG, context, _SET_STRING, name.encode(), value.encode(), 0)
        else:
            _call(_FSCONFIG, context, _SET_FD, name.encode(), None, int(value))
    except OSError as error:
        raise _told(context, f"{name} is refused", error) from error


def _told(context: int, what: str, error: OSError) -> OSError:
    """The same error with the messages that the kernel left in the context's log, at most 8 of them."""
    messages = []
    for _ in range(8):
        try:
            text = os.read(context, _MESSAGE)
        except OSError:
            break
        messages.append(text.decode(errors="replace").strip())
    return OSError(error.errno, "; ".join([f"{what}: {os.strerror(error.errno or 0)}", *messages]))


def tmpfs(size: int, inodes: int) -> int:
    """A file system in memory of at most `size` bytes and `inodes` inodes, its root 0700. Raises OSError."""
    return filesystem("tmpfs", {"size": str(size), "nr_inodes": str(inodes), "mode": "700"}, NOSUID | NODEV)


def view(folder: int, path: bytes = b"") -> int:
    """A second view of a folder, without what is mounted below it, as a descriptor. Raises OSError."""
    flags = _OPEN_TREE_CLONE | _O_CLOEXEC | (0 if path else _EMPTY_PATH)
    return _call(_OPEN_TREE, folder, path, flags)


def opened(mount: int) -> int:
    """The root of a mount that a descriptor holds, to read it: the descriptor itself is good for looking up only."""
    return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=mount)


def readable(folder: int) -> int:
    """A second view of a folder, as `view` makes it, to read. Raises OSError."""
    mount = view(folder)
    try:
        return opened(mount)
    finally:
        os.close(mount)


def change_view(mount: int, attributes: int, users: int = -1) -> None:
    """Adds attributes to a view that is mounted nowhere; `users`: the user namespace that it shows owners by."""
    given = struct.pack("=QQQQ", attributes | (_IDMAP if users >= 0 else 0), 0, 0, max(users, 0))
    _call(_MOUNT_SETATTR, mount, b"", _EMPTY_PATH, given, len(given))


def attach(mount: int, at: bytes) -> None:
    """Mounts what a descriptor holds at the path `at`, in the caller's mount namespace. Raises OSError."""
    _call(_MOVE_MOUNT, mount, b"", _AT_FDCWD, at, _MOVE_FROM_EMPTY_PATH)


def user_namespace(first: int, count: int) -> int:
    """A user namespace whose users 0 to `count` are the machine's from `first` on, as a descriptor. Raises OSError."""
    # A program of its own, not a fork: the caller may have threads.
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin and holder.stdout
        try:
            if holder.stdout.read(1) != b"x":
                raise OSError("no user namespace can be made")
            for name in ("uid_map", "gid_map"):
                with open(f"/proc/{holder.pid}/{name}", "w") as file:  # noqa: PTH123
                    file.write(f"0 {first} {count}\n")
            return os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            holder.stdin.close()


def _call(number: int, *arguments: int | bytes | None) -> int:
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    found = int(_syscall(ctypes.c_long(number), *given))
    if found < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return found
