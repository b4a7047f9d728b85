"""Diffs as people see them: golden files beside this one, bounds, and hostile names and contents.

`python -m tests.cli.test_diff_text` writes the golden files anew.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sandbox.cli import diff_text as diffs
from sandbox.cli.diff_text import diff_text
from sandbox.cli.effects_text import effects_text
from sandbox.v1 import action_pb2
from tests.cli.effects import GOLDEN, HOSTILE, effect, entry, name_of

ODD = ["", "nonsense", "[1]", "7", "null", '"x"', "[" * 20_000, "[" * 500 + "]" * 500, "NaN", "1e999", "9" * 5000]
ODD += ['{"mode": "x", "xattrs": 3, "size": -1}']
FOLDER = Path(__file__).parent / "golden"


def rendered(*pieces: object, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=200,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    for piece in pieces:
        console.print(piece, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().split("\n")[:-1])


def golden(name: str) -> str:
    effects = GOLDEN[name]
    return rendered(effects_text(effects, "sandbox diff a1"), "----", *diff_text(effects))


@pytest.mark.parametrize("name", GOLDEN)
def test_a_diff_looks_as_it_did(name: str) -> None:
    assert golden(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def harmless(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_no_name_reaches_the_terminal_as_it_is(raw: bytes) -> None:
    found = effect("", "create", None, entry(1), **name_of(raw))
    text = rendered(*diff_text([found]), effects_text([found], ""))
    assert harmless(text)
    lines = [line for line in text.splitlines() if "forged" in line or line.startswith("files:")]
    assert len(lines) <= 2
    assert not any(line.startswith("files:forged") for line in text.splitlines())


def test_names_that_differ_look_different() -> None:
    names = [raw for key, raw in HOSTILE.items() if key != "not UTF-8"]
    shown = {rendered(*diff_text([effect("", "create", **name_of(raw))])) for raw in names}
    assert len(shown) == len(names)


def test_a_terminal_gets_our_colours_and_nothing_of_theirs() -> None:
    text = rendered(*diff_text(GOLDEN["hostile"]), colour=True)
    ours = {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[1;2m"}
    rest = text
    for sequence in ours:
        rest = rest.replace(sequence, "")
    assert "\x1b[32m" in text
    assert harmless(rest)


@given(st.text(), st.text(), st.text())
def test_whatever_is_recorded_is_printed_without_harm(name: str, value: str, text: str) -> None:
    clean = (each.encode("utf-8", "replace").decode() for each in (name, value, text))
    name, value, text = clean
    effects = [
        effect(f"files:{name}", value, {name: value}, {value: name}, text, residue=[value]),
        effect(f"sqlite:{name}#{value}/{text}", "insert", None, {name: value, value: [text]}),
        effect(f"http:{name}", value, text, value),
    ]
    assert harmless(rendered(*diff_text(effects), effects_text(effects, "")))


@pytest.mark.parametrize("json_text", ODD, ids=range(len(ODD)))
def test_what_is_no_object_is_shown_all_the_same(json_text: str) -> None:
    for resource in ("files:a", "sqlite:d#t/1", "http:GET x"):
        found = action_pb2.Effect(
            resource=resource, op="modify", pre_json=json_text, post_json=json_text[:1] and '{"a": 1}'
        )
        assert harmless(rendered(*diff_text([found]), effects_text([found], "")))


def test_numbers_that_no_file_system_has_are_shown_as_they_are() -> None:
    found = effect("files:a", "modify", entry(-1, mtime_ns=-(2**63)), entry(2**64 - 1, mtime_ns=2**64 - 1))
    assert "1677-09-21 00:12:43.145224192Z → 2554-07-21 23:34:33.709551615Z" in rendered(*diff_text([found]))
    large = effect("files:a", "modify", entry(1), entry(10**400, mtime_ns=10**400, mode=10**400))
    assert "mtime_ns" in rendered(*diff_text([large]), effects_text([large], ""))


def test_there_is_an_end_to_every_diff() -> None:
    many = [effect(f"files:{number}", "create", None, entry(1)) for number in range(5000)]
    text = rendered(*diff_text(many))
    assert "4,500 more effects are not shown; --json prints all" in text
    assert f"… and {5000 - 40:,} more: sandbox diff a1" in rendered(effects_text(many, "sandbox diff a1"))
    long = effect("files:a", "modify", entry(1), entry(2), "+x\n" * 10_000)
    assert "9,600 more lines" in rendered(*diff_text([long]))
    rows = [
        effect(f"sqlite:d#t/{number}", "insert", None, {f"c{each}": each for each in range(50)})
        for number in range(300)
    ]
    text = rendered(*diff_text(rows))
    assert "38 more columns, 200 more rows" in text
    assert len(text.splitlines()) < 2 * diffs.ROWS


def test_rows_of_many_tables_are_one_line_each_in_short() -> None:
    rows = [effect(f"sqlite:shop.db#orders/{number}", "insert", None, {"id": number}) for number in range(1000)]
    rows.append(effect("sqlite:shop.db#orders/5", "update", {}, {}))
    assert rendered(effects_text(rows, "")) == "  ~  sqlite:shop.db#orders   1,000 inserted, 1 updated\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in GOLDEN:
        (FOLDER / f"{each}.txt").write_text(golden(each), encoding="utf-8")
