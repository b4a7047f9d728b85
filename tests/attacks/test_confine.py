"""What weak graders run cannot touch the machine: it changes files in its own folder, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.attacks.weak.running import run

pytestmark = pytest.mark.attack


def harm(folder: Path, source: str) -> str:
    (folder / "work").mkdir()
    ran = run([sys.executable, "-c", source], folder / "work")
    assert ran.code == 0, ran
    return ran.stdout.decode().strip()


def test_a_program_writes_in_its_own_folder(tmp_path: Path) -> None:
    assert harm(tmp_path, "open('mine', 'w').write('x'); open('mine', 'a').truncate(0); print('done')") == "done"


@pytest.mark.parametrize(
    "what",
    [
        "open('../beside', 'w')",
        "os.mkdir('../beside')",
        "os.remove('../theirs')",
        "os.truncate('../theirs', 0)",
        "os.chmod('../theirs', 0)",
        "os.utime('../theirs', (0, 0))",
        "os.rename('../theirs', 'mine')",
        "os.symlink('x', '/etc/attack-was-here')",
        "os.kill(os.getppid(), 0)",
        "socket.create_connection(('127.0.0.1', 9), 1)",
    ],
)
def test_a_program_changes_nothing_outside(what: str, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("years of work")
    before = (tmp_path / "theirs").stat()
    source = f"import os, socket\ntry:\n    {what}\nexcept (PermissionError, OSError) as error:\n    print(error.errno)"
    assert harm(tmp_path, source) in ("1", "13", "18", "30")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["theirs", "work"]
    assert (tmp_path / "theirs").read_text() == "years of work"
    assert (tmp_path / "theirs").stat().st_mode == before.st_mode
    assert (tmp_path / "theirs").stat().st_mtime == before.st_mtime
