"""What an init says, read as what it is: bytes from a jail, where a program may have taken the init over.

A message is looked at whole before any of it is used. What no init of ours sends is a fault of that cell alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.model.outcome import End, JailFault

_ENDS = frozenset(end.value for end in End)
_REASONS = (-1, -2, -3)
# Microseconds and bytes: no run comes near, and a double holds each of them exactly.
_LARGEST = 1 << 53


def read_message(data: bytes) -> dict[str, Any]:
    """One message, with every field of the kind that it should be. Raises JailFault."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise JailFault("the init sent what is no JSON") from error
    op = message.get("op") if type(message) is dict else None
    fields = _MESSAGES.get(op) if type(op) is str else None
    if fields is None:
        raise JailFault("the init sent what is no message")
    for name, fits in fields.items():
        if not fits(message.get(name)):
            raise JailFault(f"the init sent a {op} with an odd {name}")
    read: dict[str, Any] = message
    return read


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _is_flag(value: object) -> bool:
    return type(value) is bool


def _is_end(value: object) -> bool:
    return type(value) is str and value in _ENDS


def _is_status(value: object) -> bool:
    """A wait status of a process that has ended."""
    return type(value) is int and 0 <= value < 1 << 16 and (os.WIFEXITED(value) or os.WIFSIGNALED(value))


def _are_sizes(value: object) -> bool:
    """None where no files were asked for; a size of -1 to -3 says why there is no file."""
    return value is None or (type(value) is list and all(size in _REASONS or _is_count(size) for size in value))


_MESSAGES: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "ready": {"version": _is_text},
    "failed": {"why": _is_text},
    "listener": {"number": _is_count},
    "result": {
        "number": _is_count,
        "status": _is_status,
        "end": _is_end,
        "cpu_us": _is_count,
        "wall_us": _is_count,
        "runnable_us": _is_count,
        "peak": _is_count,
        "oom": _is_flag,
        "alone": _is_flag,
        "denied": _is_flag,
        "walked": _is_flag,
        "collected": _are_sizes,
    },
}
