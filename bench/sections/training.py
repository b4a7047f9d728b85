"""The reference trainer and the server on the same cores: samples graded a second, and how long a step waits."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

from bench.format import figure, spread
from bench.model import BenchError, Progress, Section, Settings
from bench.serving import server
from bench.stats import median

_CHECKOUT = Path(__file__).parents[2]
_TRAINER = _CHECKOUT / ".train" / "bin" / "sandbox"
_STEPS, _WARM, _SAMPLES = 16, 4, 64
_WAYS = {"graded when all is generated": 1, "graded in two parts": 2, "graded in four parts": 4}


def training(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """TRL with the tiny model, 64 samples of 4 tests a step; steps after the first few, all runs against one server."""
    section = Section(
        f"training: TRL, {_SAMPLES} samples of 4 tests a step",
        ("", "step s", "min … max", "samples/s", "waiting", "graded/s while waiting"),
    )
    if not _TRAINER.exists():
        section.remarks.append("not measured: there is no trainer here; `make .train/.ready` makes one")
        yield section
        return
    with server(settings.cells) as served, tempfile.TemporaryDirectory(prefix="bench-train-") as folder:
        for name, chunks in _WAYS.items():
            progress(f"training: {name}")
            steps = _steps(served.address, Path(folder, str(chunks)), chunks)
            took = [step["step_time"] for step in steps]
            waited = [step["time/reward_wait"] for step in steps]
            share = median([wait / whole for wait, whole in zip(waited, took, strict=True)])
            rate = figure(_SAMPLES / median(waited)) if chunks == 1 else ""
            row = (name, figure(median(took)), spread(took), figure(_SAMPLES / median(took)), f"{share:.0%}", rate)
            section.rows.append(row)
            section.data[name] = {"step_s": took, "reward_wait_s": waited}
    section.remarks.append("waiting: the share of a step in which nothing else could go on")
    yield section


def _steps(address: str, folder: Path, chunks: int) -> list[Mapping[str, float]]:
    """The metrics of one run's steps, without the first few. Raises BenchError for a sample that was not judged."""
    given = {"data.admit": "false", "data.path": f'"{_tasks(folder)}"', "grpo.max_steps": _STEPS, "eval.every": 0}
    given |= {"eval.samples": 1, "eval.k": "[1]", "rollout.chunks": chunks}
    command: list[str | Path] = [_TRAINER, "train", _CHECKOUT / "examples" / "tiny.toml"]
    command += ["--server", address, "--out", folder / "run"]
    for key, value in given.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run(command, check=True, cwd=_CHECKOUT, stderr=subprocess.DEVNULL)
    rows = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    steps = [row for row in rows if "step_time" in row]
    if len(steps) != _STEPS or any(step["sandbox/faults"] for step in steps):
        raise BenchError(f"{len(steps)} of {_STEPS} steps, or faults in them")
    return steps[_WARM:]


def _tasks(folder: Path) -> Path:
    """A few tasks of the tiny family: nothing is asserted of how well they are done."""
    from sandbox.train.tasks import read_tasks

    folder.mkdir()
    path = folder / "tasks.jsonl"
    tasks = read_tasks("tiny", 0.2, 0, train=200, held_out=2)
    path.write_text("".join(json.dumps({**task.row(), "head": task.head}) + "\n" for task in tasks))
    return path
