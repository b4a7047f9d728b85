"""Many changes of a row, made one.

Of a table with a primary key a row is its key: the first image of it and the last one count. Where a change begins with
another image than the one before it ended with, somebody else wrote in between, and the row is refused: to lead it back
to the first image would take that back as well. Of a table without a key a
row is all of its columns, and two rows that are equal cannot be told apart: where that comes up the table is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.effects.rows import RowChange
from sandbox.effects.values import Keep, encode

Image = Sequence[str | None] | None
Entry = tuple[Image, Image]


def fold(
    place: tuple[str, ...], columns: tuple[str, ...], key: tuple[str, ...], entries: Sequence[Entry], keep: Keep
) -> Iterator[RowChange | str]:
    """One change for each row that is not as it was, or why there is none."""
    if key:
        pairs, mixed = _by_key([columns.index(name) for name in key], entries)
        if mixed:
            yield f"others wrote to the same row in between: {', '.join(mixed[:5])}"
            return
    else:
        found = _by_content(entries)
        if found is None:
            yield "rows without a primary key that are equal"
            return
        pairs = found
    for before, after in pairs:
        if before == after:
            continue
        pre = None if before is None else {c: encode(v, keep) for c, v in zip(columns, before, strict=True)}
        post = None if after is None else {c: encode(v, keep) for c, v in zip(columns, after, strict=True)}
        row = post if pre is None else pre
        assert row is not None
        if key and pre is not None and post is not None:
            parts = [name for name in columns if pre[name] != post[name]]
            pre, post = {name: pre[name] for name in parts}, {name: post[name] for name in parts}
        yield RowChange(place, {name: row[name] for name in key}, pre, post, not key)


def _by_key(numbers: list[int], entries: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
    """By key: a row whose key changed is one that went and one that came. And the keys of rows that others wrote."""
    rows: dict[tuple[str | None, ...], list[Image]] = {}
    mixed: list[str] = []

    def set_to(key: tuple[str | None, ...], before: Image, after: Image) -> None:
        row = rows.setdefault(key, [before, before])
        if row[1] != before:
            mixed.append("/".join(map(str, key)))
        row[1] = after

    for before, after in entries:
        old = None if before is None else tuple(before[number] for number in numbers)
        new = None if after is None else tuple(after[number] for number in numbers)
        if old is not None and old != new:
            set_to(old, before, None)
        if new is not None:
            set_to(new, before if old == new else None, after)
    return [(first, last) for first, last in rows.values()], mixed


def _by_content(entries: Sequence[Entry]) -> list[Entry] | None:
    """By content; None where two rows are equal."""
    came: dict[tuple[str | None, ...], Image] = {}
    gone: list[Entry] = []
    for before, after in entries:
        origin: Image = None
        if before is not None:
            origin = came.pop(tuple(before), before)
        if after is None:
            if origin is not None:
                gone.append((origin, None))
        elif tuple(after) in came:
            return None
        else:
            came[tuple(after)] = origin
    found = [*gone, *((origin, content) for content, origin in came.items())]
    origins = [tuple(before) for before, _ in found if before is not None]
    return found if len(set(origins)) == len(origins) else None
