"""What an action did, in short, as `git status --short` would put it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sandbox.cli.facets import is_number
from sandbox.cli.plain import parsed
from sandbox.cli.render import escaped
from sandbox.cli.resources import resource_of
from sandbox.cli.units import size_text

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Effect

SHOWN = 40
_LETTERS = {"create": "A", "modify": "M", "delete": "D", "rename": "R"}
_STYLES = {"A": "green", "M": "yellow", "D": "red", "R": "cyan"}
_ROW_WORDS = {"insert": "inserted", "update": "updated", "delete": "deleted"}
# Not worth a word: these are taken back exactly.
_EXACT = ("PURE", "BUFFERED", "REVERSIBLE")


def effects_text(effects: Sequence[Effect], more: str) -> Text:
    """A line for each file and request, one for all rows of a table. `more`: the command that shows all."""
    files, rows, others = _sorted(effects)
    tables = _tables(rows)
    lines = [*map(_file, files[:SHOWN]), *tables, *map(_other, others[:SHOWN])]
    total = len(files) + len(tables) + len(others)
    text = Text("\n").join(lines[:SHOWN])
    if total > SHOWN:
        text.append(f"\n  … and {total - SHOWN:,} more: {more}", style="dim")
    return text


def _sorted(effects: Sequence[Effect]) -> tuple[list[Effect], list[Effect], list[Effect]]:
    """Files, rows, and what is neither."""
    found: tuple[list[Effect], list[Effect], list[Effect]] = [], [], []
    for effect in effects:
        found[0 if effect.resource.startswith("files:") else 1 if resource_of(effect).table else 2].append(effect)
    return found


def _file(effect: Effect) -> Text:
    letter = _LETTERS.get(effect.op, "M")
    pre, post = _entry(effect.pre_json), _entry(effect.post_json)
    line = Text("  ").append(letter, style=_STYLES[letter]).append(f"  {resource_of(effect).name}")
    sizes = [size_text(entry["size"]) for entry in (pre, post) if _is_file(entry)]
    if len(sizes) == 2 and sizes[0] == sizes[1]:
        del sizes[0]
    if sizes:
        line.append(f"   {' → '.join(sizes)}", style="dim")
    kind = (post or pre).get("kind", "file")
    if kind != "file":
        line.append(f"   {escaped(str(kind))}", style="dim")
    return _with_class(line, effect)


def _tables(effects: Sequence[Effect]) -> list[Text]:
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    worst: dict[tuple[str, str, str], Effect] = {}
    for effect in effects:
        found = resource_of(effect)
        where = (found.backend, found.name, found.table)
        counts.setdefault(where, Counter())[_ROW_WORDS.get(effect.op, escaped(effect.op))] += 1
        if where not in worst or effect.effect_class > worst[where].effect_class:
            worst[where] = effect
    return [
        _with_class(
            Text("  ")
            .append("~", style="yellow")
            .append(f"  {backend}:{name}#{table}   ")
            .append(_rows(count), style="dim"),
            worst[backend, name, table],
        )
        for (backend, name, table), count in counts.items()
    ]


def _rows(count: Counter[str]) -> str:
    total = sum(count.values())
    parts = ", ".join(f"{number:,} {word}" for word, number in count.items())
    return f"{parts}" if len(count) > 1 else f"{parts} row{'s' if total != 1 else ''}"


def _other(effect: Effect) -> Text:
    found = resource_of(effect)
    line = Text("  ").append(">" if found.backend == "http" else "~", style="magenta")
    line.append(f"  {found.backend}:{found.name}")
    if found.backend != "http":
        line.append(f"   {escaped(effect.op)}", style="dim")
    return _with_class(line, effect)


def _with_class(line: Text, effect: Effect) -> Text:
    from sandbox.v1 import action_pb2

    known = action_pb2.Effect.Class.DESCRIPTOR.values_by_number.get(effect.effect_class)
    name = known.name if known else "UNKNOWN"
    if name not in _EXACT:
        line.append(f"   {name}", style="bold red" if name in ("IRREVERSIBLE", "UNKNOWN") else "yellow")
    return line


def _entry(text: str) -> dict[str, Any]:
    data = parsed(text)
    return data if isinstance(data, dict) else {}


def _is_file(entry: dict[str, Any]) -> bool:
    return is_number(entry.get("size")) and entry.get("kind", "file") == "file"
