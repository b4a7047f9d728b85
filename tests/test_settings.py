"""Where things are kept when nobody says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.settings import Settings


@pytest.mark.parametrize(
    ("variables", "home", "state"),
    [
        ({}, "/h/.cache/sandbox", "/h/.local/state/sandbox"),
        ({"XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c/sandbox", "/s/sandbox"),
        ({"XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""}, "/h/.cache/sandbox", "/h/.local/state/sandbox"),
        ({"XDG_CACHE_HOME": "c", "XDG_STATE_HOME": "s"}, "/h/.cache/sandbox", "/h/.local/state/sandbox"),
        ({"SANDBOX_HOME": "/x", "XDG_STATE_HOME": "/s"}, "/x", "/x/state"),
    ],
    ids=["nothing", "xdg", "empty", "relative, which is ignored", "SANDBOX_HOME"],
)
def test_what_can_be_made_again_is_a_cache_and_what_cannot_is_state(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], home: str, state: str
) -> None:
    for name in ("SANDBOX_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/h", **variables}.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert (found.home, found.state) == (Path(home), Path(state))
