"""Reads the plain JSON of a request: arguments and expected values, as the trainer wrote them.

The bounds are wide, the refusals are the same. A value that could never be equal to anything is refused here, because
such a test can only fail.
"""

from __future__ import annotations

from .bounds import Bounds
from .decode import decode
from .malformed import MalformedValue
from .types import Value

TRUSTED = Bounds(max_bytes=256 << 20, max_nodes=16_000_000, max_text=256 << 20, max_digits=100_000)


class InvalidPlainJson(ValueError):
    """A field of the request that is not the plain JSON it should be; `field` names it."""

    def __init__(self, field: str, message: str, suggestion: str = "") -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.suggestion = suggestion


def parse_json_args(text: str, field: str = "args_json") -> list[Value]:
    """The positional arguments of a call; empty text means none."""
    args = parse_json_value(text or "[]", field)
    if type(args) is not list:
        raise InvalidPlainJson(field, "takes a JSON array of arguments", "put one argument into [ ]")
    return args


def parse_json_kwargs(text: str, field: str = "kwargs_json") -> dict[str, Value]:
    """The keyword arguments of a call; empty text means none."""
    kwargs = parse_json_value(text or "{}", field)
    if type(kwargs) is not dict:
        raise InvalidPlainJson(field, "takes a JSON object of arguments by name")
    return kwargs


def parse_json_value(text: str, field: str = "expected_json") -> Value:
    """One value, for example the expected one."""
    if not text:
        raise InvalidPlainJson(field, "is empty", "Python's None is written null")
    try:
        return decode(text.encode("utf-8", "surrogatepass"), bounds=TRUSTED, opaque=False)
    except MalformedValue as error:
        raise InvalidPlainJson(field, error.reason) from None
