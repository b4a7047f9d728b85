"""A training run as people watch it: a live table on a terminal, a line a step elsewhere, both on stderr."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Any, Self

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sandbox.cli import render

_COLUMNS = {
    "reward": "reward",
    "sandbox/passed": "passed",
    "frac_reward_zero_std": "no signal",
    "sandbox/faults": "faults",
    "entropy": "entropy",
    "time/generate": "generate s",
    "time/reward_wait": "wait s",
    "time/train": "train s",
}
_ROWS = 12


class View:
    """Shows what `tell` is told."""

    def __init__(self, steps: int) -> None:
        self._steps, self._began = steps, time.monotonic()
        self._rows: deque[dict[str, Any]] = deque(maxlen=_ROWS)
        self._evals: list[dict[str, Any]] = []
        self._doing = ""
        self._live = render.Live()

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def tell(self, kind: str, row: dict[str, Any]) -> None:
        """A phase, a step's metrics, or an evaluation."""
        if kind == "phase":
            self._doing = row["doing"]
        elif kind == "eval":
            self._evals.append(row)
        elif "reward" in row:
            self._rows.append(row)
            self._doing = "training"
        if not self._live.show(self._whole()):
            line = _line(kind, row)
            if line:
                render.note(f"{time.monotonic() - self._began:7.1f} s  {line}")

    def table(self, found: dict[str, dict[str, float]]) -> RenderableType:
        """The evaluations of a run that has ended."""
        return evaluations(self._evals if len(self._evals) > 1 else [{"name": k, **row} for k, row in found.items()])

    def _whole(self) -> RenderableType:
        seconds = time.monotonic() - self._began
        step = self._rows[-1]["step"] if self._rows else 0
        head = Text(f"step {step} of {self._steps}, {seconds:.0f} s: {self._doing}", style="bold")
        steps = Table("step", *_COLUMNS.values(), box=None, header_style="dim")
        for row in self._rows:
            steps.add_row(str(row["step"]), *(_number(row.get(name)) for name in _COLUMNS))
        return Group(head, steps, *([evaluations(self._evals)] if self._evals else []))


def evaluations(rows: list[dict[str, Any]]) -> Table:
    """Held-out pass@k with its interval; how it was taken is part of it."""
    ks = [name for name in rows[0] if name.startswith("pass@")]
    how = rows[0]
    title = f"held out: {how['tasks']} tasks, {how['samples']} samples, T = {how['temperature']:g}"
    table = Table("", *ks, "95 % of " + ks[0], "faults", title=title, title_justify="left", box=None)
    for row in rows:
        name = f"step {row['step']}" if row["name"] == "during" else row["name"]
        values = [f"{row[k]:.3f}" for k in ks]
        table.add_row(name, *values, f"{row['low']:.3f} to {row['high']:.3f}", str(row["faults"]))
    return table


def _line(kind: str, row: dict[str, Any]) -> str:
    if kind == "phase":
        return str(row["doing"])
    if kind == "eval":
        return f"pass@1 {row['pass@1']:.3f} ({row['low']:.3f} to {row['high']:.3f}), {row['faults']} faults"
    parts = [f"{name} {_number(row[key])}" for key, name in _COLUMNS.items() if key in row]
    return f"step {row['step']}: {', '.join(parts)}" if "reward" in row else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
