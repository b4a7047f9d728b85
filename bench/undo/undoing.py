"""Taking back what was committed, proven by looking, beside a plain copy of the same bytes."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.bars import Bar
from bench.format import figure
from bench.model import BenchError, Progress, Section
from bench.stats import median
from bench.undo.rounds import Sections, Taken, milliseconds, row
from bench.undo.running import milliseconds_of, run, runtime, undo
from bench.undo.volume import volume
from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.branch import open_branches
from sandbox.effects.files.effects import to_effect
from sandbox.effects.files.finished import FinishedStages
from sandbox.effects.files.live import FilesLive
from sandbox.journal.journal import Journal
from sandbox.v1 import action_pb2

_FILES = (10, 1_000, 10_000)
_SIZE = 4 << 10
_IN_A_FOLDER = 100
_LARGE = 1 << 30
_CHUNK = 1 << 20
_FILE_MS = 0.1
_MEMORY = "/dev/shm"
_COPIES = 1.2
# Built-in commands only: an action that starts a process for each file would take longer than all the rest.
_CHANGE = ("sh", "-c", "for f in */*; do echo changed >> $f; done")


@dataclass(slots=True)
class _Column:
    """Rounds of one size: undo, and a copy of the same bytes, flushed and not; in ms."""

    files: int
    undo: list[float] = field(default_factory=list)
    removed: list[float] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)
    unflushed: list[float] = field(default_factory=list)

    def add(self, took: float, removed: float, copied: tuple[float, float]) -> None:
        self.undo.append(took)
        self.removed.append(removed)
        self.copy.append(copied[0])
        self.unflushed.append(copied[1])

    def allowed(self) -> list[float]:
        """What the bar allows, round by round."""
        return [self.files * _FILE_MS + _COPIES * each for each in self.copy]


def undoing(taken: Taken, progress: Progress) -> Sections:
    """The table, and a bar for each size."""
    found = asyncio.run(_small(taken, progress))
    if not taken.quick:
        found["1 file of 1 GiB"] = _large(taken, progress)
    section = Section(
        "undo of committed changes, proven by looking (ms)",
        ("", "undo", "", "a copy, flushed", "", "allowed", "removed after"),
    )
    for name, column in found.items():
        allowed = column.allowed()
        columns = row(name, column.undo, column.copy)
        section.rows.append((*columns, figure(median(allowed)), figure(median(column.removed))))
        section.data[name] = {
            "undo": column.undo,
            "removed": column.removed,
            "copy": column.copy,
            "unflushed": column.unflushed,
        }
        shares = [one / other for one, other in zip(column.undo, allowed, strict=True)]
        section.bars.append(Bar.at_most(f"undo beside what is allowed, {name}", median(shares), 1))
    section.remarks += [
        f"allowed: {_FILE_MS * 1e3:.0f} µs for each file and {_COPIES} × a flushed copy of the same bytes beside it",
        "copy: every file read and written, one after the other, then one flush; undo is durable as well",
        "removed after: from the answer until what commit and undo replaced is gone, a second of quiet and a flush "
        "included; the copy waits for that",
        "in memory: workspace and state on tmpfs, where what the disk does is left out",
        "cold: the state and the workspace just mounted, the runtime just started; 1 GiB: the backend of files and the "
        "journal without the rest of the runtime, whose policy bounds an action at 256 MiB",
    ]
    yield section


async def _small(taken: Taken, progress: Progress) -> dict[str, _Column]:
    root = taken.folder / "undoing"
    found: dict[str, _Column] = {}
    async with runtime(root_of(root), root / "state") as actions:
        for files in _FILES:
            workspace = _tree(root / f"{files}", files)
            column = found[f"{files:,} files of 4 KiB"] = _Column(files)
            for number in range(taken.rounds):
                progress(f"round {number + 1} of {taken.rounds}: {files:,} files")
                committed = await _committed(actions, workspace, files)
                took = await milliseconds_of(lambda done=committed: undo(actions, done))  # type: ignore[misc]
                column.add(took, await _removed(root / "state"), _copy(workspace, root / "copy"))
    with tempfile.TemporaryDirectory(prefix="bench-undo-", dir=_MEMORY) as memory:
        top = Path(memory)
        column = found["1,000 files, in memory"] = _Column(1_000)
        workspace = _tree(top / "root" / "workspace", 1_000)
        async with runtime(top / "root", top / "state") as actions:
            for number in range(taken.rounds):
                progress(f"round {number + 1} of {taken.rounds}: in memory")
                committed = await _committed(actions, workspace, 1_000)
                took = await milliseconds_of(lambda done=committed: undo(actions, done))  # type: ignore[misc]
                column.add(took, await _removed(top / "state"), _copy(workspace, top / "copy"))
    with volume(root, 2 << 30, 100_000) as where:
        column = found["1,000 files, cold"] = _Column(1_000)
        workspace = _tree(where.path / "root" / "workspace", 1_000)
        for number in range(taken.rounds):
            progress(f"round {number + 1} of {taken.rounds}: cold")
            async with runtime(where.path / "root", where.path / "state") as actions:
                committed = await _committed(actions, workspace, 1_000)
            where.remount()
            async with runtime(where.path / "root", where.path / "state") as actions:
                took = await milliseconds_of(lambda done=committed: undo(actions, done))  # type: ignore[misc]
                removed = await _removed(where.path / "state")
            where.remount()
            column.add(took, removed, _copy(workspace, where.path / "copy"))
    return found


async def _removed(state: Path) -> float:
    """Milliseconds until what the last transitions replaced is gone."""

    async def gone() -> None:
        while any((state / "finished").iterdir()):
            await asyncio.sleep(0.01)

    return await milliseconds_of(gone)


def root_of(folder: Path) -> Path:
    """The folder, made."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _committed(actions: Any, workspace: Path, files: int) -> str:
    action = await run(actions, workspace, _CHANGE, mode=action_pb2.Action.COMMIT)
    if action.status != action_pb2.Action.COMMITTED or action.effects != files:
        raise BenchError(f"{files} files were to be changed and committed: {str(action)[:1000]}")
    return action.id


def _tree(top: Path, files: int) -> Path:
    for number in range(files):
        folder = top / f"{number // _IN_A_FOLDER}"
        if number % _IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"{number}").write_bytes((b"%d\n" % number * _SIZE)[:_SIZE])
    return top


def _copy(source: Path, target: Path) -> tuple[float, float]:
    """Milliseconds of a flushed copy, and of it without the flush."""
    folders: dict[Path, Path] = {}
    for path in source.rglob("*"):
        if path.is_file():
            folders.setdefault(path.parent, target / path.parent.name)
    for folder in folders.values():
        folder.mkdir(parents=True)
    pairs = [(path, to / path.name) for folder, to in folders.items() for path in folder.iterdir()]
    written = milliseconds(lambda: [_copy_file(one, other) for one, other in pairs])
    flushed = written + milliseconds(lambda: _flush(target))
    shutil.rmtree(target)
    return flushed, written


def _copy_file(source: Path, target: Path) -> int:
    with source.open("rb", 0) as reading, target.open("wb", 0) as writing:
        while data := reading.read(_CHUNK):
            writing.write(data)
        return writing.tell()


def _flush(folder: Path) -> None:
    """As the runtime does: one flush of the file system."""
    store = Blobs.__new__(Blobs)
    store._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    store.barrier()
    os.close(store._fd)


def _large(taken: Taken, progress: Progress) -> _Column:
    """One file of 1 GiB, of which an action changed the first bytes."""
    root = taken.folder / "large"
    (root / "workspace").mkdir(parents=True)
    path, column = root / "workspace" / "file", _Column(1)
    with path.open("wb") as file:
        for number in range(_LARGE // _CHUNK):
            file.write(os.urandom(_CHUNK // 64) * 63 + b"%16d" % number * (_CHUNK // 1024))
    blobs, journal = Blobs(root / "blobs", 1 << 34), Journal(root / "journal")
    finished = FinishedStages(root / "finished")
    live = FilesLive(root / "workspace", blobs, finished)
    note = journal.noting("large", session="large")
    maker = open_branches(root / "workspace")
    with maker.open(3 << 30, 100) as branch:
        fd = os.open("file", os.O_WRONLY | os.O_CLOEXEC, dir_fd=branch.mount)
        os.pwrite(fd, b"changed", 0)
        os.close(fd)
        effects = [to_effect(change) for change in branch.collect(blobs).changes]
    maker.close()
    for number in range(taken.rounds):
        progress(f"round {number + 1} of {taken.rounds}: 1 GiB")
        landed = live.apply(effects, "post", note).landed
        took = milliseconds(lambda: live.apply(effects, "pre", note, landed))  # noqa: B023 - called at once
        removed = milliseconds(finished.remove)
        column.add(took, removed, _copy_large(path, root / "copy"))
    for each in (live, finished, blobs, journal):
        each.close()
    shutil.rmtree(root)
    return column


def _copy_large(source: Path, target: Path) -> tuple[float, float]:
    written = milliseconds(lambda: _copy_file(source, target))
    with target.open("rb+") as file:
        flushed = written + milliseconds(lambda: os.fsync(file.fileno()))
    target.unlink()
    return flushed, written
