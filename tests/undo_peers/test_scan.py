"""What the comparison with other tools sees, and how its page tells it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.undo_peers.scan import differences, scan
from tests.undo_peers.table import OURS, PAGE, RIGHT, TOOLS, Result, write
from tests.undo_peers.trees import cases


def _write_alike(top: Path) -> None:
    status = os.stat(top / "file")
    (top / "file").write_text("other")
    os.utime(top / "file", ns=(status.st_mtime_ns, status.st_mtime_ns))


def _unlink(top: Path) -> None:
    (top / "pair").unlink()
    (top / "pair").write_text("bytes")


_CHANGES: dict[str, Callable[[Path], object]] = {
    "content": _write_alike,
    "mode": lambda top: os.chmod(top / "file", 0o611),
    "mtime": lambda top: os.utime(top / "file", ns=(1, 1)),
    "mtime of folders": lambda top: os.utime(top, ns=(1, 1)),
    "attributes": lambda top: os.setxattr(top / "file", "user.a", b"b"),
    "missing": lambda top: os.unlink(top / "file"),
    "left over": lambda top: (top / b"caf\xe9".decode(errors="surrogateescape")).write_text(""),
    "links": _unlink,
    "holes": lambda top: os.truncate(top / "file", 1 << 20),
}


@pytest.mark.parametrize("name", _CHANGES)
def test_each_difference_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("bytes")
    os.link(tmp_path / "file", tmp_path / "pair")
    before = scan(tmp_path)
    assert differences(before, scan(tmp_path)) == []
    _CHANGES[name](tmp_path)
    assert name in differences(before, scan(tmp_path))


@pytest.mark.parametrize(
    ("wrong", "cell"),
    [
        ((), RIGHT),
        (("mode", "mtime"), "mode, mtime"),
        (("content", "mtime"), "✗ content"),
        (("overwritten",), "✗ overwritten"),
    ],
)
def test_only_what_is_there_makes_a_cross(wrong: tuple[str, ...], cell: str) -> None:
    assert Result(wrong).cell() == cell


def test_every_case_is_on_the_page_and_this_runtime_undoes_it() -> None:
    lines = [line.strip("| \n").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    assert [(cells[0], cells[1]) for cells in lines if len(cells) == 1 + len(TOOLS) and cells[1] == RIGHT] == [
        (case.name, RIGHT) for case in cases()
    ]


def test_a_page_counts_what_is_as_it_was() -> None:
    row = {tool: Result(() if tool == OURS else ("mode",), [1.0], [2.0]) for tool in TOOLS}
    page = write({"one": row, "many": row}, "Versions: none.", "many")
    assert "| **as it was** | **2 of 2** | **0 of 2** |" in page
