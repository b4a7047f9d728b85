"""Finding what changed in a branch: for each changed entry."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bench.bars import Bar
from bench.model import BenchError, Progress, Section
from bench.stats import median
from bench.undo.rounds import Sections, Taken, milliseconds, row
from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.branch import Branch, Branches, open_branches

_FILES = 10_000
_IN_A_FOLDER = 100
_SIZE = 200
_BRANCH = (1 << 30, 4 * _FILES)
_MOST_US = 20


def collecting(taken: Taken, progress: Progress) -> Sections:
    """The table: the look alone, with what is new put into the store, and parts of both by themselves."""
    workspace = taken.folder / "collecting"
    names = _tree(workspace)
    columns: dict[str, list[float]] = {name: [] for name in _ROWS}
    maker = open_branches(workspace)
    try:
        for number in range(taken.rounds):
            progress(f"round {number + 1} of {taken.rounds}: {_FILES:,} changed files")
            store = Blobs(taken.folder / f"collecting-store-{number}", 1 << 30)
            for name, took in _round(maker, names, store, number).items():
                columns[name].append(took / _FILES * 1e3)
            store.close()
    finally:
        maker.close()
    section = Section(f"diff of {_FILES:,} changed files of {_SIZE} bytes (µs for each)", ("", "median", ""))
    section.rows += [row(_ROWS[name], values) for name, values in columns.items()]
    section.data.update(columns)
    section.bars.append(Bar.at_most("diff, for each changed entry", median(columns["look"]), _MOST_US, " µs"))
    section.remarks.append("an action puts what is new into the store: what it pays is the second line")
    yield section


_ROWS = {
    "look": "looked at, before and after, and hashed",
    "store": "the same, with what is new put into the store",
    "hash": "of it: SHA-256 of both sides, from memory",
    "calls": "of it: open, fstat, read, close of both sides, and no more",
    "put": "beside it: new contents put into an empty store, from memory",
}


def _tree(top: Path) -> list[str]:
    names = []
    for number in range(_FILES):
        folder = top / f"{number // _IN_A_FOLDER}"
        if number % _IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        names.append(f"{number // _IN_A_FOLDER}/{number}")
        (top / names[-1]).write_bytes(_content(number, 0))
    return names


def _content(number: int, version: int) -> bytes:
    return (b"%d %d\n" % (number, version) * _SIZE)[:_SIZE]


def _round(maker: Branches, names: list[str], store: Blobs, version: int) -> dict[str, float]:
    contents = [_content(number, version + 1) for number in range(_FILES)]
    with maker.open(*_BRANCH) as branch:
        mount = branch.mount
        for name, content in zip(names, contents, strict=True):
            fd = os.open(name, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, dir_fd=mount)
            os.write(fd, content)
            os.close(fd)
        calls = milliseconds(lambda: [_read(mount, name) for name in names]) * 2
        look = milliseconds(lambda: _collect(branch, None))
        stored = milliseconds(lambda: _collect(branch, store))
    hashing = milliseconds(lambda: [hashlib.sha256(content).hexdigest() for content in contents]) * 2
    empty = Blobs(store.folder.with_name(f"{store.folder.name}-empty"), 1 << 30)
    put = milliseconds(lambda: [empty.put_bytes(content) for content in contents])
    empty.close()
    return {"look": look, "store": stored, "hash": hashing, "calls": calls, "put": put}


def _read(mount: int, name: str) -> int:
    fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=mount)
    os.fstat(fd)
    size = len(os.pread(fd, 4096, 0))
    os.close(fd)
    return size


def _collect(branch: Branch, store: Blobs | None) -> None:
    found = len(branch.collect(store).changes)
    if found != _FILES:
        raise BenchError(f"{_FILES} files were changed, {found} were found")
