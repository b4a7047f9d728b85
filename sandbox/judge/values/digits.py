"""Integers from decimal digits, without the interpreter's limit on their number and faster than in square time."""

from __future__ import annotations

from .malformed import MalformedValue

# Within the interpreter's own limit, which is never set lower than 640.
_PIECE = 600


def read_decimal_integer(text: str, max_digits: int) -> int:
    """The integer that a JSON number without fraction and exponent writes."""
    digits = text.lstrip("-")
    if len(digits) > max_digits:
        raise MalformedValue(
            f'an integer of {len(digits)} digits; beyond {max_digits} it is written {{"$int": "0x..."}}'
        )
    number = _join(digits)
    return number if len(digits) == len(text) else -number


def _join(digits: str) -> int:
    if len(digits) <= _PIECE:
        return int(digits)
    low = len(digits) // 2
    joined: int = _join(digits[:-low]) * 10**low + _join(digits[-low:])
    return joined
