"""Denied system calls that are noticed: the init answers each with the errno that a filter alone would give.

The kernel refuses such a call by itself where nobody answers, so nothing here can let one through: it is never told to
go on with a call.
"""

import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from .kernel import Seccomp, libc

# linux/seccomp.h, where the numbers of the requests hold the sizes of their structures.
_RECEIVE, _SEND = ctypes.c_ulong(0xC0502100), ctypes.c_ulong(0xC0182101)
_EPERM = 1
_ioctl = libc.ioctl


class _Notice(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint64),
        ("pid", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("call", ctypes.c_int),
        ("arch", ctypes.c_uint32),
        ("rest", ctypes.c_uint64 * 7),
    )


class _Answer(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint64),
        ("value", ctypes.c_int64),
        ("error", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    )


class Notices:
    """Of all that this process starts from now on. `fd` can be read when a process waits for an answer."""

    def __init__(self, notice: bytes, errors: "list[list[int]]") -> None:
        self._errors: dict[int, int] = dict(map(tuple, errors))  # type: ignore[arg-type]
        self._notice, self._answer = _Notice(), _Answer()
        self._arguments = ctypes.byref(self._notice), ctypes.byref(self._answer)
        self.fd = Seccomp(notice).listen()

    def answer(self) -> None:
        """Answers one process, after a poll has said that one waits; it may be dead by now, and nothing is lost."""
        notice, answer = self._notice, self._answer
        received, answered = self._arguments
        if _ioctl(self.fd, _RECEIVE, received) == 0:
            answer.id, answer.error = notice.id, -self._errors.get(notice.call, _EPERM)
            _ioctl(self.fd, _SEND, answered)
        # The kernel wants it empty; and the arguments of a program's call are nothing for the next one to find here.
        ctypes.memset(received, 0, ctypes.sizeof(notice))


class Filters:
    """What candidates are bound to, and what is noticed of what they try."""

    def __init__(self, seccomp: str, watched: "dict[str, Any] | None") -> None:
        self.notices: Notices | None = None
        if watched is not None:
            try:
                self.notices = Notices(bytes.fromhex(watched["notice"]), watched["errors"])
            except (OSError, KeyError):
                pass  # a container's manager may listen already, and the kernel has room for one
            else:
                seccomp = watched["rest"]
        self.seccomp = Seccomp(bytes.fromhex(seccomp)) if seccomp else None
