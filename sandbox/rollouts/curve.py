"""The learning curve of a run, as a picture. Needs the extra `train`.

Above: the mean reward of each step as a line, and pass@1 on held-out tasks as points with the bars of their intervals.
Below: where the time of each step went. The colours are of Okabe and Ito's palette, which colour-blind eyes tell apart,
and the marks differ, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import SandboxError
from sandbox.rollouts.folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rows = Sequence[dict[str, Any]]
# Inches, and dots an inch: 1,040 columns, about 100 KB.
_SIZE, _DPI = (8.0, 4.6), 130
_BLUE, _ORANGE, _GREEN, _YELLOW, _GREY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#777777"
_TIMES = (
    ("time/generate", "generate", _BLUE),
    ("time/reward_wait", "wait for rewards", _YELLOW),
    ("time/train", "train", _GREEN),
)
# From so many steps on the line is drawn faintly, with a running mean over a part of them.
_MANY, _PART = 40, 20


def draw(folder: RunFolder, out: Path) -> None:
    """Writes the curve as PNG, whatever the name of the file. Raises SandboxError where there is nothing to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    metrics, evals = _stepped(folder, "metrics.jsonl"), _stepped(folder, "evals.jsonl")
    if not metrics and not evals:
        raise SandboxError(
            f"{folder.path} has no curve", why="metrics.jsonl and evals.jsonl hold no steps", fix="train a step first"
        )
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    _draw_rewards(above, metrics, evals)
    _draw_times(below, metrics)
    above.set_title(_title(evals), fontsize=10)
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    FigureCanvasAgg(figure)
    try:
        figure.savefig(out, format="png", metadata={"Software": None})
    except OSError as error:
        raise SandboxError(f"cannot write {out}", why=error.strerror or "") from error


def _stepped(folder: RunFolder, name: str) -> Rows:
    """The file's objects that are of a step, in the order of the steps."""
    return sorted((row for row in folder.read(name) if _number(row, "step") is not None), key=lambda row: row["step"])


def _number(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _column(rows: Rows, name: str) -> tuple[list[float], list[float]]:
    """Steps and values of the rows that have a number there."""
    found = [(float(row["step"]), value) for row in rows if (value := _number(row, name)) is not None]
    return [step for step, _ in found], [value for _, value in found]


def _draw_rewards(axes: Axes, metrics: Rows, evals: Rows) -> None:
    steps, rewards = _column(metrics, "reward")
    many = len(steps) >= _MANY
    if steps:
        axes.plot(steps, rewards, color=_BLUE, linewidth=1.2, alpha=0.35 if many else 1.0, label="train reward")
    if many:
        window = len(steps) // _PART
        label = f"train reward, mean of {window} steps"
        axes.plot(steps, _running_mean(rewards, window), color=_BLUE, linewidth=1.8, label=label)
    steps, shares = _column(evals, "pass@1")
    if steps:
        axes.errorbar(
            steps, shares, yerr=_bars(evals, "pass@1"), color=_ORANGE, marker="o", markersize=5, linewidth=1.2,
            linestyle="--", capsize=3, label="held-out pass@1",
        )  # fmt: skip
    steps, shares = _column(evals, "pass@8")
    if steps:
        axes.plot(steps, shares, color=_GREY, marker="^", markersize=5, linestyle="none", label="held-out pass@8")
    axes.set_ylabel("reward, share passed")
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, loc="best")


def _running_mean(values: Sequence[float], window: int) -> list[float]:
    """Of each value and those before it, `window` at most."""
    parts = (values[max(0, end - window) : end] for end in range(1, len(values) + 1))
    return [math.fsum(part) / len(part) for part in parts]


def _bars(rows: Rows, name: str) -> list[list[float]]:
    """How far each interval reaches below its value, and above it; 0 where the row has none."""
    below, above = [], []
    for row in rows:
        if (value := _number(row, name)) is not None:
            low, high = _number(row, "low"), _number(row, "high")
            below.append(max(0.0, value - low) if low is not None else 0.0)
            above.append(max(0.0, high - value) if high is not None else 0.0)
    return [below, above]


def _draw_times(axes: Axes, metrics: Rows) -> None:
    rows = [row for row in metrics if any(_number(row, name) is not None for name, _, _ in _TIMES)]
    steps = [float(row["step"]) for row in rows]
    bottom = [0.0] * len(rows)
    for name, label, colour in _TIMES:
        seconds = [_number(row, name) or 0.0 for row in rows]
        top = [low + more for low, more in zip(bottom, seconds, strict=True)]
        axes.fill_between(steps, bottom, top, color=colour, step="mid", linewidth=0, label=label)
        bottom = top
    axes.set_ylabel("s a step")
    axes.set_xlabel("step")
    # Room for the legend above the highest step.
    axes.set_ylim(0, 1.5 * max(bottom, default=0.0) or 1.0)
    if rows:
        axes.legend(fontsize=7, ncols=3, loc="upper right")


def _title(evals: Rows) -> str:
    """What pass@1 was measured with, as far as the evaluations say."""
    last = evals[-1] if evals else {}
    said = [
        f"{text}{value:g}{unit}"
        for name, text, unit in (("temperature", "T = ", ""), ("samples", "n = ", ""), ("tasks", "", " held-out tasks"))
        if (value := _number(last, name)) is not None
    ]
    return "learning curve" + (f" ({', '.join(said)})" if said else "")
