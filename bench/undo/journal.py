"""What an append to the journal takes."""

from __future__ import annotations

from bench.bars import Bar
from bench.model import Progress, Section
from bench.stats import median
from bench.undo.rounds import Sections, Taken, row
from bench.undo_journal import undo_journal

_MOST_US = 50
_ROWS = {
    "append us": "append, buffered: median of a round",
    "append us, mean": "append, buffered: mean of a round",
    "append us, p95": "append, buffered: p95 of a round",
    "append_many us, 10,000": "a record of many at once",
    "durable append us": "append, durable: one flush",
    "durable append us, p95": "append, durable: p95 of a round",
}


def journal(taken: Taken, progress: Progress) -> Sections:
    """The table, and the bar for an append."""
    columns: dict[str, list[float]] = {name: [] for name in _ROWS}
    for number in range(taken.rounds):
        progress(f"round {number + 1} of {taken.rounds}: the journal")
        found = undo_journal(taken.folder, appends=5_000, durable=200, sizes=(10_000,))
        for name, values in columns.items():
            values.append(found[name])
    section = Section("the journal (µs for each record)", ("", "median", ""))
    section.rows += [row(text, columns[name]) for name, text in _ROWS.items()]
    section.data.update(columns)
    section.bars.append(Bar.at_most("journal append, buffered", median(columns["append us"]), _MOST_US, " µs"))
    yield section
