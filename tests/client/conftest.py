"""Fixtures of the client's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.client import background


@pytest.fixture
def address() -> Iterator[Callable[[str], str]]:
    """Makes addresses of Unix sockets, whose paths must be short."""
    with tempfile.TemporaryDirectory(prefix="sb") as folder:
        yield lambda name="server": f"unix:{Path(folder) / name}"


@pytest.fixture
def no_background() -> Iterator[None]:
    """Ends the synchronous clients' thread after the test."""
    yield
    background.stop()
