"""Reading the case files of this folder."""

import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def cases(name: str) -> list[object]:
    return [pytest.param(case, id=case["name"]) for case in tomllib.loads((FOLDER / name).read_text())["case"]]
