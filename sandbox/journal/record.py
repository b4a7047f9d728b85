"""One record of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "session_open",
    "planned",
    "denied",
    "prepared",
    "executed",
    "failed",
    "in_doubt",
    "held",
    "released",
    "discarded",
    "effect",
    "deviation",
    "transition",
    "promoted",
    "undo_begin",
    "clr",
    "undo_end",
    "undo_conflict",
    "redo",
    "redone",
    "cited",
    "reapplied",
    "compensate_begin",
    "compensate_end",
    "quarantined",
    "reward",
    "drill",
    "gc",
    "expired",
    "recovered",
]


@dataclass(frozen=True, slots=True)
class Record:
    """What happened, in order. `body` is plain JSON whose strings are valid Unicode.

    `seq`: from 0, without gaps. `ts`: nanoseconds since 1970, `mono_ns`: of the machine's monotonic clock. `session`,
    `action`: "" where it is about neither. `principal`: who asked. `traceparent`: W3C, or "".
    """

    seq: int
    ts: int
    mono_ns: int
    session: str
    action: str
    principal: str
    traceparent: str
    kind: Kind
    body: Mapping[str, Any]
