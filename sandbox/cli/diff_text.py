"""A typed diff: files with their text or digests and facets, rows as tables, requests. Bounded, and harmless to print.

Yields pieces in the order of the effects; rows of one table that follow each other are one piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sandbox.cli.facets import differing, short
from sandbox.cli.plain import parsed
from sandbox.cli.render import escaped
from sandbox.cli.resources import resource_of

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Effect

EFFECTS, LINES, ROWS, COLUMNS, CELL = 500, 400, 100, 12, 60
_SIGNS = {"insert": ("+", "green"), "delete": ("-", "red"), "update": ("~", "yellow")}
_TEXT_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_FACET_WIDTH = 12


def diff_text(effects: Sequence[Effect]) -> Iterator[RenderableType]:
    """The pieces. Of very many effects the first; the last piece then says how many are left out."""
    for table, group in groupby(effects[:EFFECTS], key=_table_of):
        if table:
            yield from _rows(table, [*group])
        else:
            yield from map(_resource, group)
    if len(effects) > EFFECTS:
        yield Text(f"{len(effects) - EFFECTS:,} more effects are not shown; --json prints all", style="dim")


def _table_of(effect: Effect) -> str:
    found = resource_of(effect)
    return f"{found.backend}:{found.name}#{found.table}" if found.table else ""


def _resource(effect: Effect) -> Text:
    found = resource_of(effect)
    text = _title(f"{found.backend}:{found.name}", effect.op, [effect])
    sides = parsed(effect.pre_json), parsed(effect.post_json)
    for name, before, after in differing(*sides):
        if effect.text and name == "content":
            continue  # the text says it better
        text.append(f"\n  {name:<{_FACET_WIDTH}}")
        text.append(before or "–", style="red").append(" → ").append(after or "–", style="green")
    for line in _unified(effect.text):
        text.append("\n").append_text(line)
    return text


def _title(name: str, op: str, effects: Sequence[Effect]) -> Text:
    from sandbox.v1 import action_pb2

    worst = max(effect.effect_class for effect in effects)
    known = action_pb2.Effect.Class.DESCRIPTOR.values_by_number.get(worst)
    title = Text().append(name, style="bold").append(f"  {escaped(op)}")
    title.append(f"  {known.name if known else 'UNKNOWN'}", style="dim")
    residue = dict.fromkeys(each for effect in effects for each in effect.residue)
    if residue:
        title.append(f"\n  undo leaves behind: {escaped(', '.join(residue))}", style="yellow")
    return title


def _unified(text: str) -> Iterator[Text]:
    """Lines of a unified diff. Only a line feed ends one: whatever else a file holds may not begin a line of ours."""
    lines = text.removesuffix("\n").split("\n") if text else []
    for line in lines[:LINES]:
        yield Text(f"  {escaped(line.expandtabs(8))}", style=_TEXT_STYLES.get(line[:1], ""))
    if len(lines) > LINES:
        yield Text(f"  … {len(lines) - LINES:,} more lines", style="dim")


def _rows(table: str, effects: Sequence[Effect]) -> Iterator[RenderableType]:
    yield _title(table, f"{len(effects):,} row{'s' if len(effects) != 1 else ''}", effects)
    sides = [(_row(effect.pre_json), _row(effect.post_json)) for effect in effects[:ROWS]]
    names = list(dict.fromkeys(name for pair in sides for row in pair for name in row))
    rows = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in (" ", "key", *(escaped(_clipped(name)) for name in names[:COLUMNS])):
        rows.add_column(Text(title), overflow="fold")
    for effect, (before, after) in zip(effects, sides, strict=False):
        sign, style = _SIGNS.get(effect.op, ("~", "yellow"))
        cells = [_cell(before, after, name, style) for name in names[:COLUMNS]]
        rows.add_row(Text(f"  {sign}", style=style), Text(_clipped(resource_of(effect).key)), *cells)
    yield rows
    left = [
        *([f"{len(names) - COLUMNS:,} more columns"] if len(names) > COLUMNS else []),
        *([f"{len(effects) - ROWS:,} more rows"] if len(effects) > ROWS else []),
    ]
    if left:
        yield Text(f"  … {', '.join(left)}", style="dim")


def _cell(before: dict[str, Any], after: dict[str, Any], name: str, style: str) -> Text:
    old, new = (_clipped(short(row[name])) if name in row else "" for row in (before, after))
    if before and after:
        return Text(f"{old} → {new}", style=style) if before.get(name) != after.get(name) else Text(new)
    return Text(new or old, style=style)


def _row(text: str) -> dict[str, Any]:
    data = parsed(text)
    if data is None:
        return {}
    return data if isinstance(data, dict) else {"value": data}


def _clipped(text: str) -> str:
    return text if len(text) <= CELL else f"{text[:CELL]}…"
