"""What killed servers leave is told from what a living one holds."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from sandbox.jail.leftovers import clear_leftovers, make_folder


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_that_is_held_stays_and_one_that_is_not_goes() -> None:
    held, living = make_folder()
    left, dead = make_folder()
    os.close(dead)
    clear_leftovers()
    assert held.is_dir()
    assert not left.exists()
    os.close(living)
    clear_leftovers()
    assert not held.exists()


def test_what_only_looks_alike_stays(tmp_path: Path) -> None:
    full = tmp_path / "sandbox-cells-full"
    full.mkdir()
    (full / "thesis.tex").write_text("years of work")
    (tmp_path / "sandbox-cells-file").write_text("")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sandbox-cells-link").symlink_to("elsewhere")
    before = sorted(tmp_path.rglob("*"))
    clear_leftovers()
    assert sorted(tmp_path.rglob("*")) == before
