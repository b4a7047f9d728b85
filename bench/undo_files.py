"""How long it takes to undo files that were committed: many small ones, and a large one. Verification included."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.effects.adapter import Beside
from sandbox.effects.blobs import Blobs
from sandbox.effects.files.effects import to_effect
from sandbox.effects.files.entry import Change, Entry
from sandbox.effects.files.kernel import sync
from sandbox.effects.files.live import FilesLive
from sandbox.effects.files.read import read_entry
from sandbox.model.effects import Effect, Json

_STORE = 1 << 34


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one transition over `files` files of `size` bytes; `copy_s`: copying as much, and a flush."""

    name: str
    files: int
    size: int
    commit_s: float
    undo_s: float
    copy_s: float

    @property
    def per_file_us(self) -> float:
        """Of the undo."""
        return self.undo_s / self.files * 1e6


def undo_files(folder: Path, files: int, size: int) -> Measured:
    """Commits a change of each of `files` files of `size` bytes below `folder`, then undoes it. Raises OSError."""
    with _workspace(folder) as (root, live, blobs):
        effects = _effects(root, blobs, files, size)
        started = time.perf_counter()
        landed = live.apply(effects, "post", _note).landed
        committed = time.perf_counter()
        applied = live.apply(effects, "pre", _note, landed)
        undone = time.perf_counter()
        if applied.written != files:
            raise RuntimeError(f"{applied.written} of {files} files were undone")
        copy = _copy(root, files)
        return Measured(f"{files:,} × {size:,} B", files, size, committed - started, undone - committed, copy)


def _effects(root: Path, blobs: Blobs, files: int, size: int) -> list[Effect]:
    """Every file has one byte changed at its start, and another mtime."""
    found = []
    for number in range(files):
        path = root / f"{number // 100}" / f"{number}"
        path.parent.mkdir(exist_ok=True)
        entries = []
        for mark in b"ba":
            _write(path, bytes([mark]) + number.to_bytes(8, "big"), size)
            os.utime(path, ns=(0, 10**18 + mark))
            entries.append(_stored(path, blobs))
        found.append(to_effect(Change(os.fsencode(path.relative_to(root)), entries[1], entries[0])))
    blobs.barrier()
    # All of it was long ago.
    time.sleep(0.05)
    return found


def _write(path: Path, head: bytes, size: int) -> None:
    with path.open("wb") as file:
        file.write(head)
        block = os.urandom(1 << 16)
        left = size - len(head)
        while left > 0:
            left -= file.write(block[:left])


def _stored(path: Path, blobs: Blobs) -> Entry:
    folder = os.open(path.parent, os.O_RDONLY)
    fd = os.open(path, os.O_RDONLY)
    try:
        entry = read_entry(folder, os.fsencode(path.name))
        blobs.put(fd, [(0, path.stat().st_size)])
    finally:
        os.close(fd)
        os.close(folder)
    if entry is None:
        raise FileNotFoundError(path)
    return entry


def _copy(root: Path, files: int) -> float:
    """Reads and writes of the bare bytes, and one flush: what no restore can do without."""
    target = root.parent / "copy"
    target.mkdir()
    started = time.perf_counter()
    for number in range(files):
        shutil.copyfile(root / f"{number // 100}" / f"{number}", target / f"{number}")
    _flush(target)
    return time.perf_counter() - started


def _flush(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    sync(fd)
    os.close(fd)


@contextmanager
def _workspace(folder: Path) -> Iterator[tuple[Path, FilesLive, Blobs]]:
    base = Path(tempfile.mkdtemp(prefix="undo-files-", dir=folder))
    (base / "workspace").mkdir()
    blobs = Blobs(base / "blobs", _STORE)
    live = FilesLive(base / "workspace", blobs)
    try:
        yield base / "workspace", live, blobs
    finally:
        live.close()
        blobs.close()
        shutil.rmtree(base)


def _note(kind: str, body: Mapping[str, Json], *, durable: bool = False, beside: Beside = None) -> None:
    """The journal's own cost is measured with the journal; the flush that it shares is not."""
    for fd in beside() if beside else ():
        sync(fd)
