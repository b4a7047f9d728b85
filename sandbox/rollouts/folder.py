"""A run's folder.

config.toml       the configuration, as it was given
tasks.jsonl       every task: {"id", "prompt", "split": "train" | "held_out", "request": a ScoreRequest's JSON}
admission.jsonl   what `sandbox admit` says of each
metrics.jsonl     one object a logged step, with "step"
rollouts.jsonl    one `Rollout` a line
evals.jsonl       one object an evaluation: "step", "name" (before, step, after), "pass@1", "low", "high", ...
curve.png         the learning curve
checkpoint-N/     the trainer's own
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.rollouts.record import Rollout

_STEPPED = ("metrics.jsonl", "rollouts.jsonl", "evals.jsonl")


class RunFolder:
    """Reads and writes a run's files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self) -> None:
        """Makes the folder. Raises SandboxError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SandboxError(f"cannot make {self.path}", why=error.strerror or "") from error

    def append(self, name: str, data: dict[str, Any]) -> None:
        """Adds one object to a file of JSON lines; whole lines only, so that a killed run leaves none in halves."""
        self.write_lines(name, [json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"])

    def write_lines(self, name: str, lines: list[str]) -> None:
        """Adds lines to a file. Half of a surrogate pair is no UTF-8: it becomes "?", and ends no run."""
        with (self.path / name).open("a", encoding="utf-8", errors="replace") as file:
            file.write("".join(lines))

    def write_rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Writes a file of JSON lines anew."""
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        (self.path / name).write_text(text, encoding="utf-8")

    def rewind(self, step: int) -> None:
        """Forgets what was logged after `step`: a run that is resumed there logs it again."""
        for name in _STEPPED:
            path = self.path / name
            if path.exists():
                kept = [line for line in self._lines(name) if json.loads(line)["step"] <= step]
                path.write_text("".join(kept), encoding="utf-8")

    def read(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of JSON lines; none where there is no such file."""
        for line in self._lines(name):
            yield json.loads(line)

    def rollouts(self, wanted: Callable[[Rollout], bool] = lambda each: True) -> Iterator[Rollout]:
        """The rollouts, in their order. Raises SandboxError for a folder without a log."""
        if not (self.path / "rollouts.jsonl").exists():
            raise SandboxError(
                f"{self.path} holds no rollouts.jsonl", why="it is no run's folder", fix="name the folder of a run"
            )
        return filter(wanted, map(Rollout.parse, self._lines("rollouts.jsonl")))

    def _lines(self, name: str) -> Iterator[str]:
        """Whole lines; what a killed writer left of one at the end is passed over."""
        path = self.path / name
        if not path.exists():
            return
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (line for line in file if line.endswith("\n") and line.strip())
