"""The learning curve is a picture, of whatever a run has so far."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.rollouts import RunFolder
from sandbox.rollouts.curve import draw

pytest.importorskip("matplotlib")
RUN = Path(__file__).parent / "run"


def drawn(folder: Path, out: Path) -> tuple[int, int]:
    """The picture's width and height, as its header has them."""
    draw(RunFolder(folder), out)
    data = out.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) < 200_000
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_the_recorded_run_is_drawn_at_the_width_of_a_page(tmp_path: Path) -> None:
    assert drawn(RUN, tmp_path / "curve.png") == (1040, 598)


@pytest.mark.parametrize(
    "rows",
    [
        {"metrics.jsonl": [{"step": 1, "reward": 0.5}]},
        {"evals.jsonl": [{"step": 0, "pass@1": 0.0, "low": 0.0, "high": 0.1}]},
        {"evals.jsonl": [{"step": 0, "pass@1": 0.5}], "metrics.jsonl": [{"step": 1, "time/train": 2.0}]},
        {"metrics.jsonl": [{"step": 1, "reward": "high"}, {"step": 2, "reward": float("nan")}, {"note": 1}]},
        {"metrics.jsonl": [{"step": step, "reward": step / 300, "time/train": 1.0} for step in range(300)]},
    ],
)
def test_a_run_that_lacks_some_numbers_is_drawn_all_the_same(tmp_path: Path, rows: dict[str, list[dict]]) -> None:
    for name, objects in rows.items():
        (tmp_path / name).write_text("".join(f"{json.dumps(each)}\n" for each in objects))
    drawn(tmp_path, tmp_path / "any name")


def test_a_run_without_a_step_has_no_curve(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no curve"):
        draw(RunFolder(tmp_path), tmp_path / "curve.png")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot write"):
        draw(RunFolder(RUN), tmp_path / "no folder" / "curve.png")
