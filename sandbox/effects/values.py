"""Values of databases as JSON that keeps them apart and holds them exactly.

NULL, text and whole numbers up to 2**53 are themselves; the rest is an object with one member that says what it is:

    {"int": "9007199254740993"}    whole numbers beyond what every reader of JSON keeps
    {"real": "-0.0"}               Python's shortest notation, which reads back as the same bits
    {"blob": "base64"}
    {"text": "base64"}             text whose bytes are no UTF-8
    {"sha256": "…", "as": "blob"}  a blob or a text of 64 KiB and more: its bytes are in the blob store
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable

from sandbox.effects.adapter import UnsupportedError
from sandbox.model.effects import Json

Value = None | int | float | str | bytes
# Puts bytes away, and tells their digest.
Keep = Callable[[bytes], str]
_SAFE = 1 << 53
_LARGE = 1 << 16


class RawText(bytes):
    """The bytes of a text that is no UTF-8."""


def digest_only(data: bytes) -> str:
    """A `Keep` for values that are only compared."""
    return hashlib.sha256(data).hexdigest()


def encode(value: Value, keep: Keep | None = None) -> Json:
    """As above. Without `keep`, large values stay where they are."""
    if value is None:
        return None
    if isinstance(value, str):
        if keep is None or len(value) < _LARGE // 4:
            return value
        data = value.encode()
        return value if len(data) < _LARGE else {"sha256": keep(data), "as": "text"}
    if isinstance(value, int):
        return value if -_SAFE <= value <= _SAFE else {"int": str(value)}
    if isinstance(value, float):
        return {"real": repr(value)}
    kind = "text" if isinstance(value, RawText) else "blob"
    if keep is not None and len(value) >= _LARGE:
        return {"sha256": keep(bytes(value)), "as": kind}
    return {kind: base64.b64encode(value).decode()}


def decode(found: Json, read: Callable[[str], bytes]) -> Value:
    """What `encode` was given. Raises UnsupportedError for anything else, FileNotFoundError when a blob is gone."""
    if found is None or isinstance(found, str | int):
        return found
    try:
        return _decode(found, read)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise UnsupportedError(f"{str(found)[:60]} is no value of a database") from error


def _decode(found: Json, read: Callable[[str], bytes]) -> Value:
    if "sha256" in found:
        data = read(found["sha256"])
        return _text(data) if found["as"] == "text" else data
    ((kind, text),) = found.items()
    if kind == "int":
        return int(text)
    if kind == "real":
        return float(text)
    data = base64.b64decode(text, validate=True)
    return data if kind == "blob" else _text(data)


def _text(data: bytes) -> Value:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return RawText(data)


def shrink(found: Json, keep: Keep) -> Json:
    """An encoded value, its large contents put away. Raises UnsupportedError for what `encode` never makes."""

    def refuse(_: str) -> bytes:
        raise UnsupportedError("a value refers to a blob that nobody stored")

    return encode(decode(found, refuse), keep)
