"""What the tests of the server share."""

from __future__ import annotations

import pytest

from tests.jail.traces import Spawner, spawner_of
from tests.serving import Serving


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What servers keep between their lives, for those that have settings of their own."""
    return str(tmp_path_factory.mktemp("homes"))


@pytest.fixture
def spawner(server: Serving) -> Spawner:
    """What is behind the common server, as the machine shows it."""
    return spawner_of(server.process.pid)
