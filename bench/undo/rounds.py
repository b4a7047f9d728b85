"""Rounds of one figure, and how a table shows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.format import figure, spread
from bench.model import Section
from bench.stats import median

Sections = Generator[Section, None, None]


@dataclass(frozen=True, slots=True)
class Taken:
    """How figures are taken. `folder`: an empty one, on the disk that counts. `quick`: without what takes long."""

    folder: Path
    rounds: int
    quick: bool


def milliseconds(act: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - began) / 1e6


def row(name: str, *columns: Sequence[float]) -> tuple[str, ...]:
    """A line of a table: the median of each column's rounds, and their least and most."""
    cells = [name]
    for values in columns:
        cells += [figure(median(values)), spread(values)]
    return tuple(cells)
