"""Parameters of comparators and schemes, from the wire's Struct to plain data."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from sandbox.errors import JobError


def plain_params(struct: Struct, field: str) -> dict[str, Any]:
    """The parameters by name; numbers are floats. JobError where one is no JSON value (NaN, infinite)."""
    if not struct.fields:
        return {}
    try:
        params: dict[str, Any] = MessageToDict(struct)
    except ValueError as error:
        raise JobError(field, f"holds what is no JSON value: {error}", "numbers are finite") from error
    return params
