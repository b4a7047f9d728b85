"""A server that offers every language that is installed."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from sandbox.catalog import Catalog
from sandbox.v1 import reward_pb2_grpc
from tests.serving import serving


@pytest.fixture(scope="session")
def offered() -> list[str]:
    """Languages that are installed here."""
    return Catalog().offered()


@pytest.fixture(scope="session")
def polyglot(
    tmp_path_factory: pytest.TempPathFactory, offered: list[str]
) -> Iterator[reward_pb2_grpc.RewardServiceStub]:
    """A stub of a server that offers them all."""
    home = str(tmp_path_factory.mktemp("home"))
    with serving(home, languages=()) as running, grpc.insecure_channel(running.address) as channel:
        yield reward_pb2_grpc.RewardServiceStub(channel)
