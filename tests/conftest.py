"""Fixtures that several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import reward_pb2_grpc
from tests.serving import Serving, serving

_OPTIONS = [("grpc.max_receive_message_length", 256 << 20), ("grpc.max_send_message_length", 256 << 20)]


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Below it the server may act on folders."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worlds: Path) -> Iterator[Serving]:
    """One real server for the whole run."""
    with serving(str(tmp_path_factory.mktemp("home")), roots=[str(worlds)]) as running:
        yield running


@pytest.fixture(scope="session")
def rewards(server: Serving) -> Iterator[reward_pb2_grpc.RewardServiceStub]:
    """A stub of that server."""
    with grpc.insecure_channel(server.address, options=_OPTIONS) as channel:
        yield reward_pb2_grpc.RewardServiceStub(channel)
