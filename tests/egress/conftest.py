from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.authority import Authority
from tests.egress import shop as shops
from tests.egress import world as worlds
from tests.egress.shop import Shop
from tests.egress.world import World


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with shops.opened() as found:
        yield found


@pytest.fixture(scope="session")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blobs]:
    """One store for all tests: it has hundreds of folders, and what is in it is told apart by digest."""
    found = Blobs(tmp_path_factory.mktemp("blobs"), 1 << 30)
    yield found
    found.close()


@pytest.fixture
def make_world(tmp_path: Path, shop: Shop, authority: Authority, blobs: Blobs) -> Iterator[Callable[..., World]]:
    """A world with rules of its own: `calls`, `host` and `limits` as text."""
    with ExitStack() as stack:

        def make(**options: Any) -> World:
            return stack.enter_context(worlds.opened(tmp_path, shop, authority, blobs, **options))

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
