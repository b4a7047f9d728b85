"""Reads what a candidate's process claims that its calls returned. Untrusted bytes, read with bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sandbox.judge.alarms import EQUALITY_OVERRIDE
from sandbox.judge.values.decode import decode
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.types import Opaque, PlainDict, PlainSet, Raised, Value

_MAX_RAISED = 16384
# A value, and one whose class says itself how it compares, though it was written plain.
_VALUE, _OVERRIDING = b"V ", b"W "


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


def claim_alarms(data: bytes, claims: Iterable[Claim]) -> tuple[str, ...]:
    """What the claims read from `data` say of the program itself: evidence, since a program could leave it out."""
    plain = data.startswith(_OVERRIDING) or b"\n" + _OVERRIDING in data
    return (EQUALITY_OVERRIDE,) if plain or (b'"overrides"' in data and any(map(_overrides, claims))) else ()


def _overrides(claim: Claim) -> bool:
    """Whether a class that defines its own equality has an instance somewhere in the value."""
    waiting: list[Claim] = [claim]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Opaque) and value.overrides:
            return True
        if isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, PlainSet):
            waiting += value.items
        elif isinstance(value, PlainDict):
            for pair in value.pairs:
                waiting += pair
    return False


def _read(line: bytes) -> Claim:
    kind, text = line[:2], line[2:]
    if kind in (_VALUE, _OVERRIDING):
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
