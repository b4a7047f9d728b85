"""How far a candidate is from the server, weakest first. The numbers are the wire's."""

from __future__ import annotations

from enum import IntEnum


class Isolation(IntEnum):
    """What stands between a program and the machine."""

    NONE = 1
    LANDLOCK = 2
    NAMESPACES = 3
    CONTAINER = 4
    KERNEL = 5
