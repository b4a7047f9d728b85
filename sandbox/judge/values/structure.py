"""How deep and how large a JSON text is, told from its brackets and commas before anything is built from it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from .bounds import Bounds
from .malformed import MalformedValue

# One container of a value is up to three of JSON ({"$dict": [[key, value]]}), and a leaf up to three more.
_JSON_LEVELS_PER_LEVEL = 3
# Likewise a key and its value are up to four values of JSON.
_JSON_VALUES_PER_VALUE = 4
_BLOCK = 1 << 20
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'"[]{},'))
_STEP = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


def check_structure(data: bytes, bounds: Bounds) -> None:
    """Raises MalformedValue for text that is nested too deeply or holds far too many values."""
    max_depth = _JSON_LEVELS_PER_LEVEL * (bounds.max_depth + 1)
    max_values = _JSON_VALUES_PER_VALUE * bounds.max_nodes
    opened = data.count(b"[") + data.count(b"{")
    if opened <= max_depth and opened + data.count(b",") < max_values:
        return
    depth = values = 0
    for block in _outside_strings(data):
        values += block.count(b"[") + block.count(b"{") + block.count(b",")
        if values >= max_values:
            raise MalformedValue(f"more than {bounds.max_nodes} values")
        brackets = block.replace(b",", b"")
        deepest = max(accumulate(map(_STEP.__getitem__, brackets), initial=depth))
        if deepest > max_depth:
            raise MalformedValue(f"nested more than {bounds.max_depth} deep")
        depth += sum(map(_STEP.__getitem__, brackets))


def _outside_strings(data: bytes) -> Iterator[bytes]:
    """The brackets and commas of a JSON text that do not lie in strings, a block at a time."""
    without_escapes = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    structure = without_escapes.translate(None, _NOT_STRUCTURE)
    inside = 0
    for start in range(0, len(structure), _BLOCK):
        pieces = structure[start : start + _BLOCK].split(b'"')
        yield b"".join(pieces[inside::2])
        inside ^= (len(pieces) - 1) & 1
