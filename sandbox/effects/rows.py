"""Rows of a table as effects, and the three-way rule for each of their columns.

A side of a row's effect (`Effect.pre`, `Effect.post`) is an object: `place` (the path to the table: of SQLite the file
and the table, of PostgreSQL the database, the schema and the table), `key` (of the primary key, by column) and `row`.
Of an update `row` holds the columns that changed, and no others: what somebody else writes to the rest survives an
undo. Of an insert, of a delete, and of a table without a primary key (`whole`) it holds all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.effects.adapter import UnsupportedError
from sandbox.model.effects import Class, Difference, Effect, Json, Side

Row = dict[str, Json]
Step = Literal["write", "already"]
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowChange:
    """What happened to one row. `pre`, `post`: as the module says; None where there was no row."""

    place: tuple[str, ...]
    key: Row
    pre: Row | None
    post: Row | None
    whole: bool = False

    @property
    def op(self) -> str:
        """insert, update or delete."""
        return "insert" if self.pre is None else "delete" if self.post is None else "update"

    def sides(self, to: Side) -> tuple[Row | None, Row | None]:
        """Where it comes from and where it is led to."""
        return (self.pre, self.post) if to == "post" else (self.post, self.pre)


def row_effect(backend: str, change: RowChange, cls: Class, residue: tuple[str, ...] = ()) -> Effect:
    """`change` as it is recorded."""
    return Effect(
        resource_of(backend, change.place, change.key),
        change.op,
        _side(change, change.pre),
        _side(change, change.post),
        cls,
        residue,
    )


def unknown_effect(backend: str, place: tuple[str, ...], op: str, why: str) -> Effect:
    """What changed and cannot be recorded or restored, by name: no action that holds it counts as taken back."""
    return Effect(resource_of(backend, place), op, None, None, Class.UNKNOWN, (why,))


def resource_of(backend: str, place: Sequence[str], key: Mapping[str, Json] | None = None) -> str:
    """`sqlite:shop.db#orders/3`, `postgres:shop#public.orders/3`; for reading, not for parsing."""
    name = f"{backend}:{place[0]}#{'.'.join(place[1:])}"
    return name if key is None else f"{name}/{','.join(_short(value) for value in key.values())}"


def row_change(effect: Effect) -> RowChange:
    """What `row_effect` made. Raises UnsupportedError for effects of other kinds: nothing can apply them."""
    side = effect.post if effect.pre is None else effect.pre
    if not isinstance(side, dict) or effect.cls == Class.UNKNOWN:
        raise UnsupportedError(f"{effect.resource}: {', '.join(effect.residue) or effect.op} cannot be applied")
    return RowChange(
        tuple(side["place"]),
        side["key"],
        None if effect.pre is None else effect.pre["row"],
        None if effect.post is None else effect.post["row"],
        side.get("whole", False),
    )


def judge(change: RowChange, to: Side, current: Row | None, backend: str) -> Step | list[Difference]:
    """The rule, for one row as it is now: whether to write it, or whether it is there already, or what is in the way.

    Of an update each column is judged for itself, and columns that it did not change are not looked at.
    """
    source, target = change.sides(to)
    if current is None:
        if source is None:
            return "write"
        return "already" if target is None else [_difference(backend, change, "row", "there", "gone")]
    if source is None or target is None:
        if current == target:
            return "already"
        if source is None:
            return [_difference(backend, change, "row", "absent", "there, with other values")]
        return "write" if current == source else _differ(backend, change, source, current)
    if change.whole and current.keys() != target.keys():
        return _differ(backend, change, source, current)
    missing = object()
    wrong = [name for name, value in target.items() if current.get(name, missing) not in (value, source[name])]
    if wrong or (change.whole and current not in (source, target)):
        return _differ(backend, change, source, current)
    return "already" if all(current[name] == value for name, value in target.items()) else "write"


def _differ(backend: str, change: RowChange, expected: Row, current: Row) -> list[Difference]:
    return [
        _difference(backend, change, name, _short(value), _short(current.get(name, "absent")))
        for name, value in expected.items()
        if name not in current or current[name] != value
    ] or [_difference(backend, change, "columns", ", ".join(expected), ", ".join(current))]


def _difference(backend: str, change: RowChange, facet: str, expected: str, found: str) -> Difference:
    return Difference(resource_of(backend, change.place, change.key), facet, expected, found)


def _side(change: RowChange, row: Row | None) -> Json:
    if row is None:
        return None
    side: Json = {"place": list(change.place), "key": change.key, "row": row}
    if change.whole:
        side["whole"] = True
    return side


def _short(value: Json) -> str:
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
