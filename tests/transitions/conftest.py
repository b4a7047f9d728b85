"""Worlds on a file system in memory, where there is one: a flush of the disk waits for everybody's writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transitions.world import World, world

_MEMORY = Path("/dev/shm")


@pytest.fixture
def memory() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="transitions-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def here(memory: Path) -> Iterator[World]:
    with world(memory) as made:
        yield made


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made
