"""Fixtures of the command line's tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.cli import edge, render
from tests.cli.acting import Acting, Spawner, fake
from tests.cli.command import Command, Ended
from tests.fake_actions import opened


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command, with one home for the whole run: headers are compiled ahead once."""
    return Command(str(tmp_path_factory.mktemp("home")))


class Here:
    """The command in this process: the same edge, without the time that an interpreter takes to start."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], folder: Path) -> None:
        self._capture = capture
        self._stdin = folder / "stdin"

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Ended:
        """Runs it to its end."""
        self._stdin.write_bytes(stdin)
        render._console.cache_clear()
        saved, given = os.dup(0), os.open(self._stdin, os.O_RDONLY)
        os.dup2(given, 0)
        os.close(given)
        try:
            code = edge.run([*map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            os.dup2(saved, 0)
            os.close(saved)
        out, errors = self._capture.readouterr()
        return Ended(code, out, errors.decode(errors="replace"))


@pytest.fixture
def here(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Here:
    """`sandbox` in this process, for verbs that start no jail."""
    return Here(capfdbinary, tmp_path)


@pytest.fixture
def acting(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Acting:
    """The command line with a runtime in memory."""
    actions = fake()
    monkeypatch.setattr("sandbox.undo.open_actions", opened(actions), raising=False)
    monkeypatch.setattr("sandbox.engine.start_spawner", Spawner)
    monkeypatch.setattr("sandbox.doctor.preflight", lambda: None)
    folder = tmp_path / "work"
    folder.mkdir()
    return Acting(here, actions, folder)
