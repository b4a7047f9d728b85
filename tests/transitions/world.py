"""A workspace on disk, all of it told as entries, and what changed in it as effects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.effects.adapter import Beside
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.effects import to_effect
from sandbox.effects.files.entry import Change, Entry
from sandbox.effects.files.finished import FinishedStages
from sandbox.effects.files.kernel import birth
from sandbox.effects.files.live import FilesLive
from sandbox.effects.files.plan import at_or_below, carried
from sandbox.effects.files.read import read_with_stat
from sandbox.effects.files.restore import data_between
from sandbox.model.effects import Applied, Effect, Side

Tree = dict[bytes, Entry]


class World:
    """A workspace and a store below one folder. `notes`: what was noted, in order.

    `finished`: stages that are done leave the workspace, as where all is on one file system.
    """

    def __init__(self, folder: Path, blobs: Blobs | None = None, *, finished: bool = True) -> None:
        self.root = folder / "workspace"
        self.root.mkdir(exist_ok=True)
        self._own = blobs is None
        self.blobs = blobs or Blobs(folder / "blobs", 1 << 34)
        self.finished = FinishedStages(folder / "finished") if finished else None
        self.live = FilesLive(self.root, self.blobs, self.finished)
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def close(self) -> None:
        self.live.close()
        if self.finished:
            self.finished.close()
        if self._own:
            self.blobs.close()

    def note(self, kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: Beside = None) -> None:
        self.notes.append((kind, dict(body)))
        for fd in {os.fstat(fd).st_dev: fd for fd in (beside() if beside else ())}.values():
            kernel.sync(fd)

    def scan(self, *, keep: bool = True) -> Tree:
        """Everything in the workspace, with the links between; with `keep`, contents go into the store."""
        return scan(self.root, self.blobs if keep else None)

    def did(
        self, work: Callable[[Path], object], moves: Mapping[bytes, bytes] | None = None
    ) -> tuple[Tree, Tree, list[Effect]]:
        """Lets `work` change the workspace. It before, after, and the effects.

        `moves`: the folders that it renames, the new path by the old; found by their inodes where it is None.
        """
        folders = inodes(self.root) if moves is None else {}
        before = self.scan()
        work(self.root)
        after = self.scan()
        if moves is None:
            moves = moved(folders, inodes(self.root))
        return before, after, [to_effect(change) for change in changes(before, after, moves)]

    def to(self, side: Side, effects: list[Effect], landed: Any = None) -> Applied:
        return self.live.apply(effects, side, self.note, landed)


@contextmanager
def world(folder: Path, blobs: Blobs | None = None, *, finished: bool = True) -> Iterator[World]:
    made = World(folder, blobs, finished=finished)
    try:
        yield made
    finally:
        made.close()


def scan(root: Path, blobs: Blobs | None = None) -> Tree:
    found: Tree = {}
    inodes: dict[int, list[bytes]] = {}
    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    _scan(top, b"", found, inodes, blobs)
    seen = read_with_stat(top, b".")
    assert seen
    found[b""] = seen[0]
    os.close(top)
    for paths in inodes.values():
        for path in paths if len(paths) > 1 else ():
            found[path] = replace(found[path], links=tuple(sorted(set(paths) - {path})))
    return found


def _scan(fd: int, path: bytes, found: Tree, inodes: dict[int, list[bytes]], blobs: Blobs | None) -> None:
    """Iterative: a tree may be thousands deep. Closes descriptors but that of the top."""
    waiting = [(os.dup(fd), path)]
    while waiting:
        at, above = waiting.pop()
        for name in sorted(os.fsencode(each) for each in os.listdir(at)):
            seen = read_with_stat(at, name)
            assert seen
            entry, status = seen
            full = above + b"/" + name if above else name
            found[full] = entry
            if entry.kind == "dir":
                waiting.append((os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=at), full))
            else:
                inodes.setdefault(status.st_ino, []).append(full)
            if entry.kind == "file" and entry.size and blobs is not None and not blobs.has(entry.content):
                file = os.open(name, os.O_RDONLY, dir_fd=at)
                assert blobs.put(file, data_between(entry.holes, entry.size)) == entry.content
                os.close(file)
        os.close(at)


def changes(before: Tree, after: Tree, moves: Mapping[bytes, bytes]) -> list[Change]:
    """What differs. `moves`: folders renamed as a whole, the path after to the path before."""
    found = []
    met = set()
    for path, entry in after.items():
        old = moves.get(path) or carried(path, moves)
        # What stood at a path that was moved away went along.
        was = None if old == path and at_or_below(path, set(moves.values())) else before.get(old)
        if was:
            met.add(old)
        if path in moves:
            found.append(Change(path, was, entry, old))
        elif was != entry:
            found.append(Change(path, was, entry))
    back = {old: new for new, old in moves.items()}
    for path, entry in before.items():
        if path not in met:
            found.append(Change(carried(path, back), entry, None))
    return sorted(found, key=lambda change: change.path)


def inodes(root: Path) -> dict[bytes, tuple[int, int]]:
    """The inodes of folders, with their time of birth."""
    top = os.fsencode(root)
    found = {}
    for path, folders, _ in os.walk(top):
        for name in folders:
            full = path + b"/" + name
            if not os.path.islink(full):
                found[full[len(top) + 1 :]] = (os.stat(full).st_ino, birth(-100, full))
    return found


def moved(before: Mapping[bytes, tuple[int, int]], after: Mapping[bytes, tuple[int, int]]) -> dict[bytes, bytes]:
    """Folders that are at another path, other than by a folder above them."""
    old = {inode: path for path, inode in before.items()}
    found: dict[bytes, bytes] = {}
    for path, inode in sorted(after.items()):
        if inode in old and carried(path, found) != old[inode]:
            found[path] = old[inode]
    return found
