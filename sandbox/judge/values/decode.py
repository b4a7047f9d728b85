"""Reads plain JSON that may come from anybody: bounded in time and memory, and with one way to fail.

The steps: size, UTF-8, nesting and number of values (counted on the text, before anything is built), JSON, tags.
"""

from __future__ import annotations

import json
from functools import partial
from typing import NoReturn

from .bounds import Bounds
from .digits import read_decimal_integer
from .malformed import MalformedValue
from .structure import check_structure
from .tags import Builder
from .types import Value

_DEFAULT = Bounds()
# Up to here the interpreter's own reader of integers is used; it is quadratic, and by default refuses more.
_FAST_DIGITS = 4300
_DIGITS_AS_ZEROS = bytes(ord("0") if byte in b"0123456789" else ord(" ") for byte in range(256))


def decode(data: bytes, *, bounds: Bounds = _DEFAULT, opaque: bool = True) -> Value:
    """The value that `data` writes; raises MalformedValue, and nothing else. Without `opaque`, $opaque is refused."""
    if len(data) > bounds.max_bytes:
        raise MalformedValue(f"{len(data)} bytes, at most {bounds.max_bytes} are read")
    try:
        check_structure(data, bounds)
        return Builder(bounds, opaque).build(_read_json(data, bounds))
    except (RecursionError, MemoryError):
        raise MalformedValue("too large to be read") from None


def _read_json(data: bytes, bounds: Bounds) -> object:
    decoder = _DECODER
    if _has_long_numbers(data, min(bounds.max_digits, _FAST_DIGITS)):
        decoder = _make_decoder(bounds.max_digits)
    try:
        return decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedValue(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise MalformedValue(f"not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:
        raise MalformedValue("not JSON: a number that cannot be read") from None


def _has_long_numbers(data: bytes, digits: int) -> bool:
    return len(data) > digits and b"0" * (digits + 1) in data.translate(_DIGITS_AS_ZEROS)


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedValue(f'{name} is not JSON; a float like this is written {{"$float": ...}}')


def _object_without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise MalformedValue("an object names the same key twice")
    return built


def _make_decoder(max_digits: int | None = None) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_int=None if max_digits is None else partial(read_decimal_integer, max_digits=max_digits),
        parse_constant=_refuse_constant,
        object_pairs_hook=_object_without_repeats,
    )


_DECODER = _make_decoder()
