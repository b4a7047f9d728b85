"""What records tell of names and reasons, clipped: a record is small, and a hostile name is five times its size in one.

Nothing here is read back to decide by: whole lists of effects lie in the blob store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.journal.canonical import string
from sandbox.model.effects import Difference

# Bytes that a list, and a text of one, may take in a record.
LIST_BYTES, TEXT_BYTES = 12_000, 1_000


def clipped(text: str, most: int = TEXT_BYTES) -> str:
    """The text as a record can hold it, in at most `most` bytes there."""
    found = text[:most].encode("utf-8", "backslashreplace").decode()
    size = _size(found)
    while size > most:
        # Escapes take six bytes for a character.
        found = found[: max(0, len(found) - max(1, (size - most) // 6))]
        size = _size(found)
    return found


def lines(texts: Iterable[str], most: int = LIST_BYTES) -> list[str]:
    """As many of them as fit, each clipped; the first always."""
    return [line for (line,) in _within(([text] for text in texts), most)]


def differences(found: Iterable[Difference]) -> list[list[str]]:
    """As many of them as fit, each clipped; the first always."""
    return _within(([each.resource, each.facet, each.expected, each.found] for each in found), LIST_BYTES)


def _within(rows: Iterable[Sequence[str]], most: int) -> list[list[str]]:
    found: list[list[str]] = []
    for row in rows:
        told = [clipped(text) for text in row]
        most -= sum(map(_size, told)) + 2
        if found and most < 0:
            break
        found.append(told)
    return found


def _size(text: str) -> int:
    return len(string(text).encode()) + 1
