"""Rows of problem files, as tests need them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.problems import Problem, load

DATA = Path(__file__).parent / "data"

DOUBLE = {
    "task_id": "House/double",
    "prompt": 'def double(number):\n    """Twice the number."""\n',
    "entry_point": "double",
    "canonical_solution": "    return 2 * number\n",
    "test": "def check(candidate):\n    assert candidate(3) == 6\n",
}
PUBLISHED = {
    "task_id": 7,
    "text": "Write a function that halves a number.",
    "code": "def even(number):\r\n    return number % 2 == 0\r\n\r\ndef half(number):\r\n    return number // 2\r\n",
    "test_list": ["assert half(4) == 2", "assert half(7) == start"],
    "test_setup_code": "start = 3",
    "challenge_test_list": [],
}


def problem(**changes: Any) -> Problem:
    """The problem `double`, with some fields changed."""
    fields = {"id": "House/double", "prompt": DOUBLE["prompt"], "entry_point": "double"}
    fields |= {"solution": DOUBLE["canonical_solution"], "test": DOUBLE["test"]}
    return Problem(**(fields | changes))


def written(path: Path, *rows: Mapping[str, Any]) -> Path:
    """A file of these rows."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sample() -> list[Problem]:
    """All problems of this folder."""
    return [each for name in ("HumanEval.jsonl", "mbpp.jsonl") for each in load(DATA / name)]
