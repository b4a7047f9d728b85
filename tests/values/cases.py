"""Reads the tables of cases beside this file; cases/README.md says what stands in them."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "cases"


def table(*names):
    """The cases of one or more files, as parameters of a test."""
    return [
        pytest.param(json.loads(line), id=f"{Path(name).stem}:{number}")
        for name in names
        for number, line in enumerate((FOLDER / name).read_text().splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]


def compare_tables():
    return sorted(str(path.relative_to(FOLDER)) for path in (FOLDER / "compare").glob("*.jsonl"))
