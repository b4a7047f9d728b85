"""Acting on a workspace: its mount, the rights of its owner, a way out of the world, and commands by name.

Loaded only in cells for actions. The numbers are the kernel's: linux/capability.h, linux/securebits.h, linux/mount.h.
"""

import ctypes
import errno
import json
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

from . import calls, child
from .kernel import check, libc

WORKSPACE = b"/workspace"
EGRESS_PORT = 3128
# CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID: what the owner of a tree can be expected to do to it.
CAPABILITIES = frozenset((0, 1, 3, 4))
_MASK = sum(1 << each for each in CAPABILITIES)
_CAPABILITY_VERSION_3 = 0x20080522

_PR_SET_SECUREBITS = 28
# SECBIT_NOROOT and SECBIT_NO_SETUID_FIXUP, both and KEEP_CAPS locked: uid 0 gains nothing, by exec or otherwise.
_SECUREBITS = 0x01 | 0x02 | 0x04 | 0x08 | 0x20
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2

_MOVE_MOUNT, _MOUNT_SETATTR = 429, 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOVE_MOUNT_F_EMPTY_PATH = 4
_MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 2, 4

_AF_INET, _SOCK_STREAM, _SOCK_CLOEXEC = 2, 1, 0o2000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_IFREQ_SIZE = 40
_BACKLOG = 128


def show(mount: int) -> None:
    """Attaches a detached mount as the workspace of the world that this process is in, and closes it.

    Whoever made it, it has neither devices nor set-user-ID here.
    """
    try:
        _call(_MOVE_MOUNT, mount, b"", _AT_FDCWD, WORKSPACE, _MOVE_MOUNT_F_EMPTY_PATH, what="move_mount")
    finally:
        os.close(mount)
    attributes = struct.pack("=QQQQ", _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV, 0, 0, 0)
    _call(_MOUNT_SETATTR, _AT_FDCWD, WORKSPACE, _AT_RECURSIVE, attributes, len(attributes), what="mount_setattr")


def _call(number: int, *arguments: "int | bytes", what: str) -> None:
    # As words: a variadic call would leave the upper half of a 32-bit number to chance.
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    check(libc.syscall(ctypes.c_long(number), *words), what)


def listen(control: int, number: int) -> None:
    """Brings the world's loopback interface up and sends the server a socket that listens there.

    The server accepts on it from its own network namespace: nothing else leads out of this one.
    """
    fd = check(libc.socket(_AF_INET, _SOCK_STREAM | _SOCK_CLOEXEC, 0), "socket")
    try:
        interface = ctypes.create_string_buffer(struct.pack("=16sh", b"lo", _IFF_UP), _IFREQ_SIZE)
        check(libc.ioctl(fd, ctypes.c_ulong(_SIOCSIFFLAGS), interface), "ioctl(SIOCSIFFLAGS)")
        address = struct.pack("=H", _AF_INET) + struct.pack("!HBBBB8x", EGRESS_PORT, 127, 0, 0, 1)
        check(libc.bind(fd, address, len(address)), "bind")
        check(libc.listen(fd, _BACKLOG), "listen")
        calls.send_descriptor(control, json.dumps({"op": "listener", "number": number}).encode(), fd)
    finally:
        os.close(fd)


def becoming(uid: int, gid: int) -> "Callable[[], None]":
    """What turns a process of the init's into one of the workspace's owner, in the workspace."""

    def become() -> None:
        os.chdir(WORKSPACE)
        check(libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS, 0, 0, 0), "prctl(PR_SET_SECUREBITS)")
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        header = (ctypes.c_uint * 2)(_CAPABILITY_VERSION_3, 0)
        # Effective, permitted, inheritable; then the high halves.
        sets = (ctypes.c_uint * 6)(_MASK, _MASK, _MASK, 0, 0, 0)
        check(libc.capset(header, sets), "capset")
        for capability in CAPABILITIES:
            check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0), "prctl(PR_CAP_AMBIENT)")

    return become


def command(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Replaces this process by a command, found as a shell finds it. Does not return.

    127 when there is no such program, 126 when it cannot be run.
    """
    argv = child.read_arguments(places["command"])
    child.restore_signals()
    name = argv[0]
    folders = os.environ.get("PATH", "").split(":") if "/" not in name else [""]
    code, why = 127, "command not found"
    for folder in folders:
        path = f"{folder}/{name}" if folder else name
        try:
            _execute(path, argv)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            code, why = 126, error.strerror or ""
    os.write(2, os.fsencode(f"{name}: {why}\n"))
    os._exit(code)


def _execute(path: str, argv: "list[str]") -> None:
    try:
        os.execve(path, argv, os.environ)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # As execvp does: a file without a magic number is a script of the shell's.
    os.execve("/bin/sh", [argv[0], path, *argv[1:]], os.environ)
