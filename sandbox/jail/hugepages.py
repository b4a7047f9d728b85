"""Program files that the kernel can map in pieces of 2 MiB, so that a process needs few faults to reach its code."""

from __future__ import annotations

import contextlib
import mmap
import struct
from pathlib import Path

_HUGE = 2 << 20
_MADV_COLLAPSE = 25
# Elf64_Ehdr and Elf64_Phdr, after the System V ABI.
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_PT_LOAD = 1


def prepare(path: Path) -> None:
    """Asks the loader, in the file itself, to place the program on a boundary of 2 MiB, and makes its pages huge.

    A file that is no 64-bit ELF program, is smaller than a huge page, or cannot be moved is left as it is.
    """
    if path.stat().st_size < _HUGE:
        return
    with path.open("r+b") as file:
        header = file.read(_HEADER.size)
        if header[:6] != b"\x7fELF\x02\x01":
            return
        fields = _HEADER.unpack(header)
        offset, size, count = fields[5], fields[9], fields[10]
        for number in range(count):
            file.seek(offset + number * size)
            kind, flags, start, address, *others, _ = _SEGMENT.unpack(file.read(_SEGMENT.size))
            if kind == _PT_LOAD and (address - start) % _HUGE == 0:
                file.seek(offset + number * size)
                file.write(_SEGMENT.pack(kind, flags, start, address, *others, _HUGE))
        file.flush()
        # An OSError is a kernel before 6.1, or one that has no huge page left.
        whole = path.stat().st_size // _HUGE * _HUGE
        with mmap.mmap(file.fileno(), whole, prot=mmap.PROT_READ) as view, contextlib.suppress(OSError):
            view.madvise(_MADV_COLLAPSE)
