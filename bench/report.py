"""The only module of the benchmark that prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bench.bars import Bar
from bench.format import figure
from bench.machine import QUIET, Machine
from bench.model import Section

_WIDTH = 120

_out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
_err = Console(stderr=True, highlight=False)
_status = _err.status("")


def progress(text: str) -> None:
    """Says on a terminal what is under way, until something else is printed."""
    if _err.is_terminal:
        _status.update(Text(text))
        _status.start()


def show_machine(machine: Machine, how: str) -> None:
    """The first lines. `how`: how the figures were taken."""
    _out.print(Text(machine.line()))
    _out.print(Text(how, "dim"))
    if machine.busy > QUIET:
        _out.print(Text("others are using this machine: the figures below are too low, and so may be ratios", "yellow"))


def show(section: Section) -> None:
    """One section, as soon as it is there."""
    _status.stop()
    table = Table(title=f"\n{section.title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, header in enumerate(section.headers):
        table.add_column(header, justify="right" if number else "left")
    for row in section.rows:
        table.add_row(*row)
    _out.print(table)
    for remark in section.remarks:
        _out.print(Padding(Text(remark, "dim"), (0, 0, 0, 2)))


def show_bars(bars: Sequence[Bar]) -> None:
    """What was asked for, beside what was measured."""
    if not bars:
        return
    table = Table(title="\nbars", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for header in ("", "asked for", "measured", ""):
        table.add_column(header, justify="right" if header else "left")
    for bar in bars:
        sign = "≥" if bar.least else "≤"
        verdict = Text("ok", "green") if bar.ok else Text("miss", "bold red")
        table.add_row(bar.what, f"{sign} {bar.limit:g}{bar.unit}", f"{figure(bar.value)}{bar.unit}", verdict)
    _out.print(table)


def show_error(error: Exception) -> None:
    """Why there are no figures."""
    _status.stop()
    _err.print(Text(f"bench: {error}", "red"))


def write_json(path: Path, machine: Machine, settings: Mapping[str, float], sections: Sequence[Section]) -> None:
    """Everything that was measured, round by round."""
    found = {
        "machine": machine.data(),
        "settings": settings,
        "sections": {section.title: {"rows": section.rows, "data": section.data} for section in sections},
        "bars": [
            {"what": bar.what, "value": bar.value, "limit": bar.limit, "least": bar.least, "ok": bar.ok}
            for section in sections
            for bar in section.bars
        ],
    }
    path.write_text(json.dumps(found, indent=1) + "\n")
