"""Globs mean what they say, and no name makes one slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.effects.globs import PathGlob, compiled, matches, of_url

GLOBS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "[ab]", "[!a]"]), max_size=8).map("".join)
URLS = st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), max_size=8).map("".join)
NAMES = st.text("ab/", max_size=10)


def plainly(glob: str, tokens: str, *, parts: bool) -> re.Pattern[str]:
    """What a glob means, said with every way back."""
    text, before, single = "", "", True
    for token in re.findall(tokens, glob):
        if token == "**/" and parts and (before.endswith("/") or single):
            text += "(?:.*/)?"
        elif token.startswith("**"):
            text += ".*" + token[2:]
        elif token.startswith("["):
            text += "(?!/)" + token.replace("!", "^")
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(token, token)
        single, before = single and not token.startswith("*"), token
    return re.compile(text, re.DOTALL)


@given(GLOBS, NAMES)
@example("**x**/b", "xaxb")
def test_a_glob_of_resources_means_what_it_says(glob: str, name: str):
    plain = plainly(glob, r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", parts=True)
    assert (compiled(glob).fullmatch(name) is None) == (plain.fullmatch(name) is None)


@given(URLS, NAMES)
def test_a_glob_of_urls_means_what_it_says(glob: str, name: str):
    assert (of_url(glob).fullmatch(name) is None) == (plainly(glob, r"\*\*|\*|.", parts=False).fullmatch(name) is None)


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("files:" + "*_" * 40 + "x", "files:" + "_" * 250),
        ("files:**/" + "*_" * 40 + "x", "files:d/" + "_" * 250),
        ("files:" + "**a" * 40 + "b", "files:" + "a" * 4000),
        ("files:" + "**/a*" * 20 + "b", "files:" + "a/" * 2000),
        ("**" * 60 + "b", "a" * 4000),
    ],
)
def test_no_name_makes_a_glob_slow(glob: str, name: str):
    assert not matches(glob, name)


def test_no_name_makes_a_glob_of_paths_slow():
    assert not PathGlob("*_" * 40 + "x").matches("_" * 250)
    assert not PathGlob("**/" * 40 + "x").matches("a/" * 2000 + "a")


@pytest.mark.parametrize(
    ("glob", "name", "fits"),
    [
        ("files:src/**", "files:src/a/b.py", True),
        ("files:**/*.py", "files:b.py", True),
        ("files:**/*.py", "files:a/b.py", True),
        ("files:*.py", "files:a/b.py", False),
        ("files:a[!b]c", "files:a/c", False),
        ("http:POST https://host/**", "http:POST https://host/a/b", True),
        ("sqlite:shop.db#orders/?", "sqlite:shop.db#orders/3", True),
    ],
)
def test_examples(glob: str, name: str, fits: bool):
    assert matches(glob, name) is fits
