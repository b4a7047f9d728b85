"""Reads what a candidate's process claims that its calls returned. Untrusted bytes, read with bounds."""

from __future__ import annotations

import json

from sandbox.judge.values.decode import decode
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.types import Raised, Value

_MAX_RAISED = 16384


class Malformed:
    """A claim that cannot be read; equal to nothing."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


Claim = Value | Raised | Malformed


def read_claims(data: bytes, calls: int) -> list[Claim]:
    """At most `calls` claims, in order. Fewer when the process ended before; what follows the last is not read."""
    claims: list[Claim] = []
    start = 0
    while len(claims) < calls:
        end = data.find(b"\n", start)
        if end < 0:
            break
        claims.append(_read(data[start:end]))
        start = end + 1
    return claims


def _read(line: bytes) -> Claim:
    kind, text = line[:2], line[2:]
    if kind == b"V ":
        try:
            return decode(text)
        except MalformedValue as error:
            return Malformed(error.reason)
    if kind == b"R " and len(text) <= _MAX_RAISED:
        try:
            name, message = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            return Malformed("an exception that cannot be read")
        if type(name) is str and type(message) is str:
            return Raised(name, message)
    return Malformed("not a claim")
