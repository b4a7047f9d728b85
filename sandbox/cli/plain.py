"""Messages about actions as plain data, for `--json`. The proto's names; numbers are numbers.

bytes            text; where they are no UTF-8, escaped as \\xNN, with the bytes in `NAME_base64` beside it
NAME_bytes       `NAME_base64`, where there are any
NAME_json        `NAME`, as JSON in JSON; null where there is nothing
absent           null
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_BRACKETS, _DEPTH = 64, 64


def json_line(data: Any) -> bytes:
    """One object on one line. Pure ASCII: nothing in it can move a cursor."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def plain(message: Message) -> dict[str, Any]:
    """The message's fields."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            found[field.name] = [_value(field, each) for each in value]
        elif field.has_presence and not message.HasField(field.name):
            found[field.name] = None
        elif field.type == FieldDescriptor.TYPE_BYTES:
            found.update(_bytes(field.name, value))
        elif field.name.endswith("_json"):
            found.update(_json(field.name, value))
        else:
            found[field.name] = _value(field, value)
    return found


def _value(field: Any, value: Any) -> Any:
    if isinstance(value, Message):
        return plain(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _bytes(name: str, value: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(value).decode()
    if name.endswith("_bytes"):
        return {name.removesuffix("bytes") + "base64": encoded} if value else {}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {name: value.decode(errors="backslashreplace"), f"{name}_base64": encoded}


def _json(name: str, value: str) -> dict[str, Any]:
    return {name.removesuffix("_json"): parsed(value)}


def parsed(text: str) -> Any:
    """What a backend wrote as JSON; the text itself where that is none, and None where there is nothing."""
    if not text:
        return None
    try:
        data = json.loads(text, parse_constant=str, parse_float=_float)
    except (ValueError, RecursionError):
        return text
    # What may be nested too deep to be written again, inside an answer, stays text.
    return data if text.count("[") + text.count("{") < _BRACKETS or _depth(data) < _DEPTH else text


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _depth(data: Any) -> int:
    """How deep containers are nested, looked at level by level."""
    depth, level = 0, [data]
    while level and depth < _DEPTH:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth
