"""How sure it is that a pass was earned, weakest first. The numbers are the wire's."""

from __future__ import annotations

from enum import IntEnum


class Integrity(IntEnum):
    """How far test and candidate were from each other."""

    IN_PROCESS = 1
    SPLIT = 2
    ISOLATED = 3
