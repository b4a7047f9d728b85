"""Small programs that try one thing with the kernel, each in a process of its own: most cannot be taken back."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

_HEAD = """
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def check(answer):
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
"""

NAMESPACES = """
for name in ("USER", "PID", "NS", "IPC", "UTS", "NET", "CGROUP"):
    try:
        os.unshare(getattr(os, "CLONE_NEW" + name))
    except OSError as error:
        raise OSError(error.errno, name.lower().replace("ns", "mount") + " namespace: " + error.strerror) from None
"""

SECCOMP = """
import struct
allow = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 1, ctypes.addressof(allow)))
check(libc.prctl(38, 1, 0, 0, 0))
check(libc.prctl(22, 2, program, 0, 0))
"""

# What the spawner does before its first cell, in a namespace that goes with the process.
STAGE = """
import tempfile
folder = tempfile.mkdtemp(prefix="sandbox-doctor-")
try:
    os.unshare(os.CLONE_NEWNS)
    check(libc.mount(b"none", b"/", b"", ctypes.c_ulong(16384 | 1 << 18), b""))
    check(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), b"size=1m"))
    os.mknod(folder + "/null", 0o020666, os.makedev(1, 3))
    open(folder + "/null", "w").close()
    check(libc.umount2(folder.encode(), 2))
finally:
    os.rmdir(folder)
"""

MEMORY = """
print(len(b"x" * (int(sys.argv[1]) << 20)))
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a probe ended. `errno` is the kernel's answer where it refused."""

    ok: bool
    why: str = ""
    errno: int = 0


_TAIL = """
except OSError as error:
    print(error.errno, error.strerror)
    sys.exit(1)
"""


def attempt(probe: str) -> Tried:
    """Runs a probe."""
    body = "".join(f"    {line}\n" for line in probe.strip().splitlines())
    program = f"{_HEAD}try:\n{body}{_TAIL.lstrip()}"
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    if ended.returncode == 0:
        return Tried(True)
    number, _, why = ended.stdout.strip().partition(" ")
    if number.isdigit():
        return Tried(False, why, int(number))
    return Tried(False, ended.stderr.strip().rpartition("\n")[2] or f"ended with {ended.returncode}")
