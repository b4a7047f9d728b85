"""A run's folder.

config.toml       the configuration, as it was given
tasks.jsonl       every task: {"id", "prompt", "split": "train" | "held_out", "request": a ScoreRequest's JSON}
admission.jsonl   what `sandbox admit` says of each
metrics.jsonl     one object a logged step, with "step"
rollouts.jsonl    one `Rollout` a line
evals.jsonl       one object an evaluation: "step", "name" (before, during, after), "pass@1", "low", "high", ...
curve.png         the learning curve
checkpoint-N/     the trainer's own
"""

from __future__ import annotations

import json
import os
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
        """Adds one object to a file of JSON lines."""
        self.write_lines(name, [json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"])

    def write_lines(self, name: str, lines: list[str]) -> None:
        """Adds lines to a file. Half of a surrogate pair is no UTF-8: it becomes "?", and ends no run."""
        with (self.path / name).open("a+b") as file:
            # What a killed writer left of a line ends here, and stays a line of its own.
            if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
                file.write(b"\n")
            file.write("".join(lines).encode("utf-8", "replace"))

    def write_rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Writes a file of JSON lines anew."""
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        whole = self.path / f"{name}.new"
        whole.write_bytes(text.encode("utf-8", "replace"))
        whole.replace(self.path / name)

    def begin(self) -> None:
        """Forgets what a try left that never came to its first step."""
        for name in (*_STEPPED, "admission.jsonl"):
            (self.path / name).unlink(missing_ok=True)

    def rewind(self, step: int) -> None:
        """Forgets what was logged after `step`, and the last evaluation: a run that goes on there logs it again."""
        for name in _STEPPED:
            rows = [row for row in self.read(name) if row.get("step", 0) <= step and row.get("name") != "after"]
            if rows or (self.path / name).exists():
                self.write_rows(name, rows)

    def read(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of JSON lines; none where there is no such file. Raises SandboxError."""
        for number, line in self._lines(name):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise self._bad(name, number, str(error)) from error
            if not isinstance(row, dict):
                raise self._bad(name, number, "it is no object")
            yield row

    def rollouts(self, wanted: Callable[[Rollout], bool] = lambda each: True) -> Iterator[Rollout]:
        """The rollouts, in their order. Raises SandboxError for a folder without a log."""
        if not (self.path / "rollouts.jsonl").exists():
            raise SandboxError(
                f"{self.path} holds no rollouts.jsonl", why="it is no run's folder", fix="name the folder of a run"
            )
        for number, line in self._lines("rollouts.jsonl"):
            try:
                found = Rollout.parse(line)
            except SandboxError as error:
                raise self._bad("rollouts.jsonl", number, error.why) from error
            if wanted(found):
                yield found

    def _bad(self, name: str, number: int, why: str) -> SandboxError:
        return SandboxError(f"{self.path / name}, line {number} is no line of a run", why=why, fix="take it out")

    def _lines(self, name: str) -> Iterator[tuple[int, str]]:
        """Whole lines with their numbers; what a killed writer left of one at the end is passed over."""
        path = self.path / name
        if not path.exists():
            return
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from ((n, line) for n, line in enumerate(file, 1) if line.endswith("\n") and line.strip())
