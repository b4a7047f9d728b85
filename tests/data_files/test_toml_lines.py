"""Lines of keys: every key that `tomllib` reads has one, and it is the right one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.toml_lines import Keys, lines_of

CHECKOUT = Path(__file__).parents[2]
FILES = sorted(path for name in ("policies", "runtimes", "examples") for path in (CHECKOUT / name).rglob("*.toml"))
FILES += sorted((CHECKOUT / "tests" / "programs").glob("*/case.toml"))
NASTY = '''
# key = "in a comment"
a = """
b = 1
[c]
"""
'quoted key' = 'single # no comment'
d . "e.f" = { g = 1, h = { i = [1, 2] } }   # [j]
k = [
    { l = "]" },   # ]
    { m = """
]""" }, -1.5e+3, 1979-05-27T07:32:00Z,
]
[n.o]
p = 1.5
[[q]]
r = 1
[[q]]
r = 2
[q.s]
t = true
[[q.u]]
v = \'\'\'w = 3\'\'\'
["x\\u0079"]
z = 0x1F
'''


def keys_in(value: Any, above: Keys = ()) -> Iterator[Keys]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*above, str(key))
        yield from keys_in(item, (*above, str(key)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_key_of_a_file_has_a_line_on_which_it_is_written(path: Path):
    text = path.read_text()
    found, lines = lines_of(text), text.splitlines()
    implied = set()
    for keys in keys_in(tomllib.loads(text)):
        if keys not in found:
            implied.add(keys)
        elif not keys[-1].isdigit():
            assert keys[-1] in lines[found[keys] - 1], keys
    # A table that only headers below it speak of is written nowhere.
    assert all(any(each[: len(keys)] == keys for each in found) for keys in implied)


def test_keys_are_found_in_every_form_that_they_can_have():
    expected = {
        ("a",): 3,
        ("quoted key",): 7,
        ("d",): 8,
        ("d", "e.f"): 8,
        ("d", "e.f", "g"): 8,
        ("d", "e.f", "h"): 8,
        ("d", "e.f", "h", "i"): 8,
        ("d", "e.f", "h", "i", "0"): 8,
        ("d", "e.f", "h", "i", "1"): 8,
        ("k",): 9,
        ("k", "0"): 10,
        ("k", "0", "l"): 10,
        ("k", "1"): 11,
        ("k", "1", "m"): 11,
        ("k", "2"): 12,
        ("k", "3"): 12,
        ("n", "o"): 14,
        ("n", "o", "p"): 15,
        ("q", "0"): 16,
        ("q", "0", "r"): 17,
        ("q", "1"): 18,
        ("q", "1", "r"): 19,
        ("q", "1", "s"): 20,
        ("q", "1", "s", "t"): 21,
        ("q", "1", "u", "0"): 22,
        ("q", "1", "u", "0", "v"): 23,
        ("xy",): 24,
        ("xy", "z"): 25,
    }
    assert {*keys_in(tomllib.loads(NASTY))} - set(expected) == {("n",), ("q",), ("q", "1", "u")}
    assert lines_of(NASTY) == expected


@given(st.text(alphabet="ab.=[]{}\"'#\n, 1\\", max_size=60))
@example('a = "')
def test_no_text_keeps_it_from_ending_and_what_is_toml_is_found(text: str):
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines_of(text)
    assert all(any(each[: len(keys)] == keys for each in found) for keys in keys_in(read))
