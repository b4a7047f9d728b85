"""Renders values and places for the one-line reasons of verdicts: short, printable, and never slow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from .types import NdArray, Opaque, PlainDict, PlainSet, Raised, Value

_ROOM = 100
_PATH_ROOM = 120
_DEPTH = 3
_INT_BITS = 256


def show(value: Value, room: int = _ROOM, depth: int = _DEPTH) -> str:
    """The value as Python would write it, as far as it fits."""
    text = _show(value, room, depth)
    return text if len(text) <= room else text[: room - 3] + "..."


def show_path(steps: Iterable[str]) -> str:
    """A place inside a value, like `[3]['a']`; what does not fit is left out of its middle."""
    path = "".join(steps)
    half = _PATH_ROOM // 2
    return path if len(path) <= _PATH_ROOM else f"{path[:half]}...{path[-half:]}"


def show_index(index: int, shape: Sequence[int]) -> str:
    """The place of the n-th element of an array."""
    place: list[str] = []
    for length in reversed(shape):
        index, position = divmod(index, length)
        place.append(f"[{position}]")
    return "".join(reversed(place))


def _show(value: Value, room: int, depth: int) -> str:
    if isinstance(value, (str, bytes, bytearray)):
        return repr(value[:room])
    if isinstance(value, int):
        return repr(value) if value.bit_length() <= _INT_BITS else f"<integer of {value.bit_length()} bits>"
    if isinstance(value, Decimal):
        return f"Decimal({str(value)!r})"
    if isinstance(value, Fraction):
        return f"Fraction({_show(value.numerator, room, 0)}, {_show(value.denominator, room, 0)})"
    if isinstance(value, range):
        return f"range({', '.join(_show(part, room, 0) for part in (value.start, value.stop, value.step))})"
    if isinstance(value, NdArray):
        return f"<array {value.dtype} of shape {list(value.shape)}>"
    if isinstance(value, Opaque):
        return f"<{show(value.type_name, room)[1:-1]}>"
    if isinstance(value, Raised):
        return show(value.type_name, room)[1:-1]
    if value is None or isinstance(value, (float, complex)):
        return repr(value)
    return _show_container(value, room, depth)


def _show_container(value: Value, room: int, depth: int) -> str:
    if isinstance(value, list):
        return f"[{_show_all(value, room, depth)}]"
    if isinstance(value, tuple):
        return f"({_show_all(value, room, depth)}{',' if len(value) == 1 else ''})"
    if isinstance(value, (set, frozenset, PlainSet)):
        items = value.items if isinstance(value, PlainSet) else value
        inside = f"{{{_show_all(items, room, depth)}}}" if items else "set()"
        frozen = isinstance(value, frozenset) or (isinstance(value, PlainSet) and value.frozen)
        return f"frozenset({inside if items else ''})" if frozen else inside
    if isinstance(value, (dict, PlainDict)):
        pairs = value.items() if isinstance(value, dict) else value.pairs
        return f"{{{_show_pairs(pairs, room, depth)}}}"
    return f"<{show(type(value).__name__, room)[1:-1]}>"


def _show_all(items: Collection[Value], room: int, depth: int) -> str:
    if not depth:
        return "..." if items else ""
    return _joined((show(item, room // 2, depth - 1) for item in items), room)


def _show_pairs(pairs: Collection[tuple[Value, Value]], room: int, depth: int) -> str:
    if not depth:
        return "..." if pairs else ""
    return _joined(
        (f"{show(key, room // 2, depth - 1)}: {show(item, room // 2, depth - 1)}" for key, item in pairs), room
    )


def _joined(texts: Iterable[str], room: int) -> str:
    shown: list[str] = []
    for text in texts:
        if sum(map(len, shown)) + 2 * len(shown) > room:
            shown.append("...")
            break
        shown.append(text)
    return ", ".join(shown)
