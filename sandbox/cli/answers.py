"""Answers as proto3 JSON: the proto's field names, zeros and falses printed, one answer a line."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message


def answer_line(answer: Message) -> bytes:
    """The line. Pure ASCII: some readers take U+2028 for the end of a line."""
    return json.dumps(as_data(answer), separators=(",", ":")).encode() + b"\n"


def as_data(message: Message) -> dict[str, Any]:
    """Any message as plain data, after the same rules."""
    data: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return data
