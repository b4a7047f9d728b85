"""Datagrams with descriptors, waiting, and limits, through ctypes.

The standard library has all of this in `socket`, `select` and `resource`. Those modules and their shared objects would
be mapped into every candidate, and every mapping is copied at every fork.
"""

import ctypes
from .kernel import check, libc

_SCM_RIGHTS, _SOL_SOCKET = 1, 1
_POLLIN = 1
_HEADER = 16  # struct cmsghdr
_INT = 4


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("parts", ctypes.c_void_p),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Poll(ctypes.Structure):
    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


class _Limit(ctypes.Structure):
    _fields_ = (("soft", ctypes.c_ulong), ("hard", ctypes.c_ulong))


class Receiver:
    """Takes datagrams from a socket, into buffers that are made once."""

    def __init__(self, fd: int, size: int, max_fds: int) -> None:
        self._fd = fd
        self._data = ctypes.create_string_buffer(size)
        self._control = ctypes.create_string_buffer(_HEADER + max_fds * _INT)
        self._iovec = _Iovec(ctypes.addressof(self._data), size)
        self._message = _Message(None, 0, ctypes.addressof(self._iovec), 1, ctypes.addressof(self._control), 0, 0)
        self._room = len(self._control)

    def receive(self) -> "tuple[bytes, list[int]]":
        """One datagram, and the descriptors that came with it. Empty when the other side is gone."""
        self._message.control_length = self._room
        size = check(libc.recvmsg(self._fd, ctypes.byref(self._message), 0), "recvmsg")
        data = ctypes.string_at(self._data, size)
        control = self._control.raw
        length = int.from_bytes(control[:8], "little") if self._message.control_length else 0
        packed = control[_HEADER:length]
        return data, [int.from_bytes(packed[at : at + _INT], "little") for at in range(0, len(packed), _INT)]


def send_descriptor(to: int, data: bytes, fd: int) -> None:
    """One datagram, with a descriptor."""
    text = ctypes.create_string_buffer(data, len(data))
    iovec = _Iovec(ctypes.addressof(text), len(data))
    words = b"".join(word.to_bytes(_INT, "little") for word in (_SOL_SOCKET, _SCM_RIGHTS, fd))
    header = (_HEADER + _INT).to_bytes(8, "little") + words
    control = ctypes.create_string_buffer(header, _HEADER + 2 * _INT)  # padded to a whole long
    message = _Message(None, 0, ctypes.addressof(iovec), 1, ctypes.addressof(control), len(control), 0)
    check(libc.sendmsg(to, ctypes.byref(message), 0), "sendmsg")


class Waiter:
    """Waits for three descriptors to become readable; one that is -1 never does."""

    def __init__(self, first: int, second: int) -> None:
        self._polls = (_Poll * 3)(_Poll(first, _POLLIN, 0), _Poll(second, _POLLIN, 0), _Poll(-1, _POLLIN, 0))

    def wait(self, third: int, timeout_ms: int) -> "tuple[bool, bool, bool]":
        """Which of them are ready, after at most `timeout_ms`."""
        polls = self._polls
        polls[2].fd = third
        check(libc.poll(polls, 3, timeout_ms), "poll")
        return bool(polls[0].revents), bool(polls[1].revents), bool(polls[2].revents)


_RESOURCES = {"cpu_s": 0, "file": 1, "stack": 3, "processes": 6, "open_files": 7}
_setrlimit = libc.setrlimit


def resource_limits(values: "dict[str, int]") -> "list[tuple[int, object]]":
    """Limits by name as `set_limit` takes them. Numbers of the resources after asm-generic/resource.h."""
    return [(_RESOURCES[name], ctypes.byref(_Limit(value, value))) for name, value in values.items()]


def set_limit(resource: int, limit: object) -> None:
    """Sets soft and hard limit of this process."""
    check(_setrlimit(resource, limit), "setrlimit")


def trim_heap() -> None:
    """Gives memory that the C library holds for later back to the kernel."""
    libc.malloc_trim(0)
