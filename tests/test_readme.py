"""The README is true: its Python snippets run against a real server, its targets exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.serving import Serving

README = Path(__file__).parent.parent.joinpath("README.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.jail
def test_the_snippets_of_the_readme_run_in_order_against_a_server(server: Serving, worlds: Path) -> None:
    assert len(SNIPPETS) >= 2
    scope: dict[str, object] = {"__name__": "readme"}
    (worlds / "shop").mkdir()
    for snippet in SNIPPETS:
        here = snippet.replace("127.0.0.1:50051", server.address).replace("/srv/worlds", str(worlds))
        exec(compile(here, "README.md", "exec"), scope)


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = Path(__file__).parent.parent.joinpath("Makefile").read_text()
    named = set(re.findall(r"`make ([a-z-]+)`", README))
    assert named
    assert named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_every_file_that_the_readme_names_exists() -> None:
    root = Path(__file__).parent.parent
    named = set(re.findall(r"`((?:sandbox|proto|tests|docs|policies|runtimes)/[\w/.-]*)`", README))
    assert named
    assert [name for name in named if not (root / name).exists()] == []
