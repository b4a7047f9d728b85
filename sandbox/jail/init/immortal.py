"""Makes everything that exists immortal (PEP 683), so that using it writes no reference counts.

A fork shares memory with its parent until one of them writes. Counting references is such a write: without this, a
child copies hundreds of pages only by looking at objects that it never changes. Immortal objects are also never freed,
which is what the parent wants of all that it has imported.
"""

import ctypes
import gc
import types

_COUNT = ctypes.c_ssize_t


def immortalise() -> None:
    """Everything that can be reached from a tracked object. The count itself marks what was seen."""
    immortal = _COUNT.from_address(id(None)).value
    if immortal != _COUNT.from_address(id(True)).value:
        return  # an interpreter that does not mark immortal objects in the way that this one does
    waiting = gc.get_objects()
    first = id(waiting)
    for each in waiting:
        _mark(each, immortal)
    while waiting:
        parts = _parts(waiting.pop())
        for each in parts:
            if id(each) != first and _mark(each, immortal):
                waiting.append(each)


def _mark(value: object, immortal: int) -> bool:
    """Makes one object immortal; whether it was not before."""
    count = _COUNT.from_address(id(value))
    if count.value == immortal:
        return False
    count.value = immortal
    return True


def _parts(value: object) -> "list[object]":
    """What an object refers to; code objects do not tell the garbage collector."""
    parts = gc.get_referents(value)
    if isinstance(value, types.CodeType):
        parts += [value.co_consts, value.co_names, value.co_filename, value.co_linetable, value.co_exceptiontable]
    return parts
