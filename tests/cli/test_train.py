"""`sandbox train`, as far as it comes without the trainer's own packages; the rest is in tests/training/."""

from __future__ import annotations

import importlib.util

import pytest

from tests.cli.conftest import Here
from tests.contract.package import CHECKOUT

EXAMPLE = CHECKOUT / "examples" / "tiny.toml"


@pytest.mark.skipif(importlib.util.find_spec("trl") is not None, reason="the trainer is installed")
def test_without_the_extra_it_says_what_to_install(here: Here) -> None:
    ended = here("train", EXAMPLE)
    assert ended.code == 3
    assert "fix: pip install 'reward-sandbox[train]'" in ended.err


def test_a_configuration_that_is_not_there_is_bad_usage(here: Here) -> None:
    ended = here("train", "/nowhere.toml")
    assert (ended.code, ended.out) == (2, b"")
    assert "/nowhere.toml" in ended.err
