"""Fewer mappings: a fork copies each one, and an exit takes each one down again.

The loader maps a library in five pieces that differ in what they allow: headers, code, constants, what is constant once
relocated, data. Nothing in a candidate's process is safer for the difference, since it runs code of its own anyway, so
pieces that lie side by side are made alike, and the kernel joins them.
"""

import ctypes

from .kernel import check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_READ, _WRITE, _EXECUTE = 1, 2, 4


def join() -> None:
    """Makes the pieces of each mapped file two: one to execute, one to write."""
    for start, end, protection in list(_pieces()):
        address, size = ctypes.c_void_p(start), ctypes.c_size_t(end - start)
        check(libc.mprotect(address, size, protection), "mprotect")


def _pieces() -> "Iterator[tuple[int, int, int]]":
    """Read-only pieces of files, with what is allowed in the piece that each one is to join."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        lines = [line.split(maxsplit=5) for line in file]
    pieces = [(*(int(part, 16) for part in line[0].split("-")), line[1], line[5]) for line in lines if len(line) == 6]
    for number, (start, end, allowed, name) in enumerate(pieces):
        if allowed != "r--p" or not name.startswith("/"):
            continue
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        if after is not None and after[0] == end and after[3] == name and after[2] == "rw-p":
            yield start, end, _READ | _WRITE
        else:
            yield start, end, _READ | _EXECUTE
