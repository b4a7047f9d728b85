"""One real server that may act below one folder, for the whole run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.datafiles import folder
from sandbox.v1 import action_pb2_grpc, reward_pb2_grpc
from tests.serving import Serving, serving
from tests.undo.world import World


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("roots")


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's. Its `state` is what another process may open, too."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped ones, and `narrow`, which denies a folder."""
    path = tmp_path_factory.mktemp("policies") / "policies"
    shutil.copytree(folder("policies"), path)
    (path / "narrow.toml").write_text(
        'name = "narrow"\ndescription = "not everything"\nextends = "actions"\n[actions]\ndeny = ["private"]\n'
    )
    return path


@pytest.fixture(scope="session")
def acting(server_home: Path, policies: Path, roots: Path) -> Iterator[Serving]:
    with serving(str(server_home), roots=[str(roots)], policies=str(policies)) as running:
        yield running


@pytest.fixture(scope="session")
def stubs(acting: Serving) -> Iterator[tuple[action_pb2_grpc.ActionServiceStub, reward_pb2_grpc.RewardServiceStub]]:
    with grpc.insecure_channel(acting.address) as channel:
        yield action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel)


@pytest.fixture
def world(stubs, roots: Path, request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """An empty workspace of this test's own."""
    path = roots / tmp_path.name
    path.mkdir()
    return World(path, *stubs)
