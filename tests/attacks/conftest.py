"""One server for all attacks, with one cell of each kind, and the scoreboard at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import reward_pb2_grpc
from tests.attacks.scoreboard import BOARD
from tests.attacks.target import Target
from tests.serving import serving

# Programs under test, some of which are conftest.py and test files.
collect_ignore_glob = ["[0-9]*"]


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The server that is attacked; afterwards nothing of it is left."""
    home = Path(tmp_path_factory.mktemp("home"))
    with serving(str(home), cells=1) as running, grpc.insecure_channel(running.address) as channel:
        made = Target(running.process.pid, home, reward_pb2_grpc.RewardServiceStub(channel))
        yield made
        spawner = made.spawner
    assert spawner.left() == {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The scoreboard, where attacks have run."""
    if BOARD.rows:
        terminalreporter.section("attacks on rewards")
        terminalreporter.write_line(BOARD.text())
