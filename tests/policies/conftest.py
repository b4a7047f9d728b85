"""Workspaces on a server whose policies a module chose: its fixture `acting` says which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import action_pb2_grpc, reward_pb2_grpc
from tests.serving import serving
from tests.undo.world import World

Acting = tuple[grpc.Channel, Path]


@contextmanager
def acting_under(policies: Path, folder: Path) -> Iterator[Acting]:
    """A server with these policies, and the folder below which it may act."""
    home, root = folder / "home", folder / "root"
    for path in (home, root):
        path.mkdir()
    with (
        serving(str(home), cells=1, roots=[str(root)], policies=str(policies)) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        yield channel, root


@pytest.fixture
def world(acting: Acting, tmp_path: Path) -> World:
    """A workspace of one test's own."""
    channel, root = acting
    path = root / tmp_path.name
    path.mkdir()
    return World(path, action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel))
