"""Mappings of program files, made so that a candidate inherits them whole and pays for few.

A fork copies each mapping, and an exit takes each one down again. Of mapped files a fork copies nothing more: a child
has to fault its way to every piece of code that it runs.
"""

import ctypes

from .kernel import check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_READ, _WRITE, _EXECUTE = 1, 2, 4
# Of what every candidate runs at once. The interpreter's own library has huge pages (`sandbox/jail/hugepages.py`).
_ALWAYS_USED = ("libc.so", "ld-linux", "libffi.so", "_ctypes.")


def join() -> None:
    """Makes the pieces of each mapped file two, one to execute and one to write; the kernel joins what is alike.

    The loader maps five: headers, code, constants, what is constant once relocated, data. No candidate is safer for the
    difference, since it runs code of its own anyway.
    """
    files = [each for each in _mapped() if each[3].startswith("/")]
    for piece, after in zip(files, [*files[1:], None], strict=True):
        start, end, allowed, name = piece
        if allowed == "r--p":
            before_data = after is not None and (after[0], after[2], after[3]) == (end, "rw-p", name)
            _protect(start, end, _READ | (_WRITE if before_data else _EXECUTE))


def inherit_code() -> None:
    """Has forks copy the page tables of code, too, as they do where a mapping holds a page of the process's own."""
    for start, end, allowed, name in list(_mapped()):
        if allowed == "r-xp" and any(part in name for part in _ALWAYS_USED):
            _protect(start, end, _READ | _WRITE | _EXECUTE)
            page = ctypes.c_char.from_address(start)
            page.value = page.value
            _protect(start, end, _READ | _EXECUTE)


def _protect(start: int, end: int, protection: int) -> None:
    check(libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), protection), "mprotect")


def _mapped() -> "Iterator[tuple[int, int, str, str]]":
    """Start, end, what is allowed, and the file of each mapping, in the order of addresses."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        for line in file:
            span, allowed, _, _, _, *name = line.split(maxsplit=5)
            start, _, end = span.partition("-")
            yield int(start, 16), int(end, 16), allowed, name[0].strip() if name else ""
