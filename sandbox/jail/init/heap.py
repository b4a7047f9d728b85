"""Closes the holes that imports leave in the heap, so that what is allocated after the fork lies side by side.

Free blocks are scattered over pages that hold other things, and whoever takes one after a fork copies the page. When
all of them are taken, new objects come from few pages. Measured: a quarter of a candidate's page faults.
"""

import ctypes

from .kernel import libc

# CPython's allocator of small objects (Objects/obmalloc.c): sizes in steps, pools, where a pool's first block lies.
_STEP, _LARGEST = 16, 512
_POOL, _FIRST = 16384, 48
# What an empty bytes object takes of its block.
_BYTES_HEAD = 33
# The C library's: some large sizes, then every size of its per-thread lists.
_SIZES = (65536, 32768, 16384, 8192, 4096, 2048, *range(1032, 8, -16))
# Far more than there are; an allocator that is not built like these is left alone in the end.
_TRIES = 20000

_held: "list[bytes]" = []


class _Info(ctypes.Structure):
    """struct mallinfo2; only the size of the free end of the heap is looked at."""

    _fields_ = (("before", ctypes.c_size_t * 9), ("keepcost", ctypes.c_size_t))


def close_holes() -> None:
    """Takes all free blocks below the end of the heap, and never gives them back."""
    _close_malloc()
    for size in range(_LARGEST, 2 * _STEP, -_STEP):
        for _ in range(_TRIES):
            block = bytes(size - _BYTES_HEAD)
            if id(block) % _POOL == _FIRST:
                break  # of a new pool: the old ones of this size are full
            _held.append(block)
        else:
            return


def _close_malloc() -> None:
    try:
        information, end, malloc, free = libc.mallinfo2, libc.sbrk, libc.malloc, libc.free
    except AttributeError:
        return  # another C library
    information.restype = _Info
    end.restype = malloc.restype = ctypes.c_void_p
    free.argtypes = (ctypes.c_void_p,)
    for size in _SIZES:
        for _ in range(_TRIES):
            edge = end(0) - information().keepcost
            block = malloc(ctypes.c_size_t(size))
            if block >= edge:
                free(ctypes.c_void_p(block))
                break
