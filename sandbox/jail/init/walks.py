"""Whether a candidate has walked through /proc, read from what the kernel remembers of look-ups there.

A proc filesystem makes an entry when somebody asks for it, and keeps it as long as its process is there, which is until
the init has waited for it. Each world has a proc of its own, so whoever asked lived in that world. Nothing is watched
while a candidate runs; it is one question for each entry, afterwards, that no entry is made for.
"""

import ctypes
import os

from .kernel import libc

_OPENAT2, _AT_FDCWD = 437, -100
_RESOLVE_CACHED = 0x20
# What is told there is of use to whoever looks for a grader's memory, files, arguments or answers. The rest, as status,
# stat or exe, honest libraries read; and `fd` is on the way from /dev/stdin to the input.
_TELLING = frozenset(b"auxv cmdline environ fdinfo map_files maps mem pagemap smaps stack syscall".split())


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


class Walks:
    """Looks into the proc filesystem at /proc."""

    def __init__(self) -> None:
        self._how = _How(os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, 0, _RESOLVE_CACHED)
        self._arguments = ctypes.byref(self._how), ctypes.sizeof(self._how)
        self._names = [os.fsencode(name) for name in os.listdir("/proc/self")]
        own = b"/proc/%d/" % os.getpid()
        os.stat(own + b"status")
        # Kernels before 5.12 do not know the question, and some later ones have no answer for proc.
        self.can_tell = self._is_known(own + b"status") and not self._is_known(own + b"nothing")

    def look(self, number: int) -> bool:
        """Whether there was a walk by the process of that number, which has ended and was not waited for.

        PID 1 of its world is another one; the entry itself, and no part of it, is known where /proc was listed.
        """
        if self._is_known(b"/proc/1"):
            return True
        own = b"/proc/%d" % number
        if not self._is_known(own):
            return False
        parts = [name for name in self._names if self._is_known(own + b"/" + name)]
        return not parts or not _TELLING.isdisjoint(parts)

    def _is_known(self, path: bytes) -> bool:
        """Whether somebody has asked for that path; asking so makes no entry."""
        fd = libc.syscall(_OPENAT2, _AT_FDCWD, path, *self._arguments)
        if fd < 0:
            return False
        os.close(fd)
        return True
