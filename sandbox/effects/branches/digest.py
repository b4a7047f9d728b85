"""State roots: one digest for what a set of paths is, and proof enough that two states are the same.

The leaves are the paths in the order of their bytes, the tree above them that of RFC 6962, section 2.1, with SHA-256.
A leaf is every field of `Entry`, each as its length (8 bytes, big-endian) and its bytes, in this order: path, kind,
mode, uid, gid, mtime_ns, size, content, target, nlink (numbers in decimal), then how many xattrs there are and each
one's name and value, how many holes and each one's offset and length, how many links and each one's path. A path where
there is nothing is its path and an empty kind.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache

from sandbox.effects.branches.paths import Folders, join
from sandbox.effects.files.entry import Change, Entry, Kind
from sandbox.effects.files.read import read_entry

State = Mapping[bytes, Entry | None]


def root_of(state: State) -> str:
    """The root over the paths of `state`, in hex."""
    stack: list[tuple[int, bytes]] = []
    for path in sorted(state):
        size, node = 1, hashlib.sha256(b"\0" + canonical(path, state[path])).digest()
        while stack and stack[-1][0] == size:
            node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
            size *= 2
        stack.append((size, node))
    if not stack:
        return hashlib.sha256(b"").hexdigest()
    node = stack.pop()[1]
    while stack:
        node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
    return node.hex()


def canonical(path: bytes, entry: Entry | None) -> bytes:
    """The bytes that a leaf is the digest of."""
    if entry is None:
        return _framed((path, b""))
    if entry.xattrs or entry.holes or entry.links or len(path) > 255 or len(entry.target) > 255:
        return _canonical(path, entry)
    # Nearly all are such: what is the same in many of them is framed once.
    mtime, size = b"%d" % entry.mtime_ns, b"%d" % entry.size
    return b"".join(
        (
            *(_LENGTHS[len(path)], path, _word(entry.kind), _number(entry.mode), _number(entry.uid)),
            *(_number(entry.gid), _LENGTHS[len(mtime)], mtime, _LENGTHS[len(size)], size),
            *(_LENGTHS[len(entry.content)], entry.content.encode(), _LENGTHS[len(entry.target)], entry.target),
            *(_number(entry.nlink), _NONE, _NONE, _NONE),
        )
    )


def _canonical(path: bytes, entry: Entry) -> bytes:
    fields = [path, entry.kind.encode()]
    numbers = (entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.size)
    fields += [b"%d" % number for number in numbers]
    fields += [entry.content.encode(), entry.target, b"%d" % entry.nlink, b"%d" % len(entry.xattrs)]
    fields += [part for pair in entry.xattrs for part in pair]
    fields.append(b"%d" % len(entry.holes))
    fields += [b"%d" % number for hole in entry.holes for number in hole]
    fields.append(b"%d" % len(entry.links))
    fields += entry.links
    return _framed(fields)


# Lengths of nearly all fields: looked up in a fifth of the time that it takes to make them.
_LENGTHS = tuple(length.to_bytes(8, "big") for length in range(256))


def _framed(fields: Iterable[bytes]) -> bytes:
    return b"".join(
        [(_LENGTHS[len(field)] if len(field) < 256 else len(field).to_bytes(8, "big")) + field for field in fields]
    )


@lru_cache(1024)
def _number(number: int) -> bytes:
    """A number that many entries have, framed."""
    return _framed((b"%d" % number,))


@cache
def _word(word: Kind) -> bytes:
    return _framed((word.encode(),))


_NONE = _number(0)


def states(changes: Iterable[Change]) -> tuple[dict[bytes, Entry | None], dict[bytes, Entry | None]]:
    """What the touched paths were before, and what they are after; a path that has no such side is None there.

    `changes` in the order that `collect` gives: what is in a folder comes right behind it.
    What changed in a folder that was renamed stands under its old path before, and under its new path after.
    """
    before: dict[bytes, Entry | None] = {}
    after: dict[bytes, Entry | None] = {}
    # No renamed folder is beneath another one, and what is in one follows it.
    moved: tuple[bytes, bytes] | None = None
    for change in changes:
        old = change.path
        if change.moved_from is not None:
            moved, old = (change.path + b"/", change.moved_from + b"/"), change.moved_from
        elif moved and change.path.startswith(moved[0]):
            old = moved[1] + change.path[len(moved[0]) :]
        before[old], after[change.path] = change.pre, change.post
    for path in before.keys() - after.keys():
        after[path] = None
    for path in after.keys() - before.keys():
        before[path] = None
    return before, after


def tree_state(root: int, *, ids: int = 0) -> dict[bytes, Entry]:
    """Every entry beneath the folder that `root` is open on, itself as `b""`, with links that are seen in it.

    Reads all of it. Raises OSError, UnsupportedError.
    """
    found: dict[bytes, Entry] = {}
    same: dict[tuple[int, int], list[bytes]] = {}
    with Folders(root) as folders:
        todo = [b""]
        while todo:
            path = todo.pop()
            folder, name = folders.split(path)
            entry = read_entry(folder, name, ids=ids)
            if entry is None:
                continue
            found[path] = entry
            if entry.nlink > 1:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                same.setdefault((status.st_dev, status.st_ino), []).append(path)
            if entry.kind == "dir":
                todo += [join(path, each) for each in folders.names(path)]
    for paths in same.values():
        for path in paths:
            found[path] = linked(found[path], path, paths)
    return found


def linked(entry: Entry, path: bytes, paths: Iterable[bytes]) -> Entry:
    """`entry` with its other paths."""
    return replace(entry, links=tuple(sorted(each for each in paths if each != path)))


def tree_root(path: bytes | str) -> str:
    """The root over a whole folder, in hex: for audits. Reads all of it. Raises OSError, UnsupportedError."""
    root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return root_of(tree_state(root))
    finally:
        os.close(root)
