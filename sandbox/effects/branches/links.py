"""Names that share a file: found where they are needed, and told in the entries."""

from __future__ import annotations

import os
from collections.abc import Iterable

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.branches.comparison import Comparison, Identity
from sandbox.effects.branches.digest import linked
from sandbox.effects.branches.paths import Folders, join
from sandbox.effects.files.entry import Change

# Every name of a file tells all others.
_MOST_LINKS = 1 << 21


def with_links(comparison: Comparison) -> list[Change]:
    """The changes of a comparison that has been run, with their links.

    Where a touched file has names that were not touched, the lower tree is searched for them: the only step that
    depends on how large the workspace is. Their content changed along, so they are changes as well.
    Raises OSError, UnsupportedError.
    """
    missing = _missing(comparison)
    if missing:
        for path in _search(comparison.sides.lower, missing, merged=comparison.sides.lower_ids > 0):
            now = _now(path, comparison.moved)
            if now not in comparison.pairs:
                comparison.look(now, path)
    told = sum(len(paths) ** 2 for groups in (comparison.before, comparison.after) for paths in groups.values())
    if told > _MOST_LINKS:
        raise UnsupportedError("too many names of one file: each of them would have to name all others")
    before = _by_path(comparison.before)
    after = _by_path(comparison.after)
    found = []
    for path, pair in comparison.pairs.items():
        pre, post = pair.pre, pair.post
        old = pair.moved_from if pair.moved_from is not None else _then(path, comparison.moved)
        if pre and old in before:
            pre = linked(pre, old, before[old])
        if post and path in after:
            post = linked(post, path, after[path])
        if pre != post or pair.moved_from is not None:
            found.append(Change(path, pre, post, pair.moved_from))
    return found


def _missing(comparison: Comparison) -> set[Identity]:
    """The files of which not all names have been seen."""
    missing = set()
    for identity, paths in comparison.before.items():
        some = next(iter(paths))
        pair = comparison.pairs[_now(some, comparison.moved)]
        if pair.pre and pair.pre.nlink > len(paths):
            missing.add(identity)
    return missing


def _search(lower: Folders, wanted: set[Identity], *, merged: bool) -> list[bytes]:
    """The lower paths of files. Folders that are gone meanwhile are passed over. Raises OSError.

    `merged`: the lower is an overlay, which may list other inode numbers than it tells.
    """
    numbers = {inode for _, inode in wanted}
    found, todo = [], [b""]
    while todo:
        path = todo.pop()
        try:
            entries = os.scandir(lower.at(path))
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    todo.append(join(path, os.fsencode(entry.name)))
                elif merged or entry.inode() in numbers:
                    status = entry.stat(follow_symlinks=False)
                    if (status.st_dev, status.st_ino) in wanted:
                        found.append(join(path, os.fsencode(entry.name)))
    return found


def _by_path(groups: dict[Identity, set[bytes]]) -> dict[bytes, set[bytes]]:
    return {path: paths for paths in groups.values() for path in paths}


def _now(path: bytes, moved: dict[bytes, bytes]) -> bytes:
    """Where a lower path is after the renames."""
    return _replaced(path, ((old, new) for new, old in moved.items()))


def _then(path: bytes, moved: dict[bytes, bytes]) -> bytes:
    """Where a path of the branch was before the renames."""
    return _replaced(path, moved.items())


def _replaced(path: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    for start, other in pairs:
        if path == start or path.startswith(start + b"/"):
            return other + path[len(start) :]
    return path
