"""Everything that a tree is: what two trees have to have in common to be the same."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Differences in what is there, and not only in how it looks.
SUBSTANCE = ("missing", "left over", "kind", "content", "target")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry. `links`: the other names of the same file. `holes`: where its data begin and end."""

    kind: int
    mode: int
    owner: tuple[int, int]
    mtime: int
    xattrs: tuple[tuple[str, bytes], ...]
    content: str
    target: str
    links: frozenset[bytes]
    holes: tuple[tuple[int, int], ...]


Tree = dict[bytes, Found]


def scan(top: Path) -> Tree:
    """Every entry beneath `top`, itself included, but for the repository's own `.git`."""
    found: dict[bytes, os.stat_result] = {}
    for path in _paths(os.fsencode(top), b""):
        found[path] = os.lstat(os.path.join(os.fsencode(top), path))
    groups: dict[tuple[int, int], set[bytes]] = {}
    for path, status in found.items():
        if not stat.S_ISDIR(status.st_mode):
            groups.setdefault((status.st_dev, status.st_ino), set()).add(path)
    return {path: _entry(os.fsencode(top), path, status, groups) for path, status in found.items()}


def differences(before: Tree, after: Tree) -> list[str]:
    """In what they differ, by name, those of substance first; empty where they are the same."""
    found: dict[str, None] = {}
    for path in before.keys() | after.keys():
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            found["left over" if old is None else "missing"] = None
        elif old.kind != new.kind:
            found["kind"] = None
        else:
            found.update(dict.fromkeys(_facets(old, new)))
    return sorted(found, key=lambda name: (name not in SUBSTANCE, name))


def _facets(old: Found, new: Found) -> Iterable[str]:
    folder = stat.S_ISDIR(old.kind)
    pairs = {
        "content": (old.content, new.content),
        "target": (old.target, new.target),
        "mode": (old.mode, new.mode),
        "owner": (old.owner, new.owner),
        "attributes": (old.xattrs, new.xattrs),
        "links": (old.links, new.links),
        "holes": (old.holes, new.holes),
        "mtime of folders" if folder else "mtime": (old.mtime, new.mtime),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


def _paths(top: bytes, path: bytes) -> Iterable[bytes]:
    yield path
    with os.scandir(os.path.join(top, path)) as entries:
        for entry in entries:
            name = os.path.join(path, os.fsencode(entry.name))
            if name == b".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _paths(top, name)
            else:
                yield name


def _entry(top: bytes, path: bytes, status: os.stat_result, groups: dict[tuple[int, int], set[bytes]]) -> Found:
    whole = os.path.join(top, path)
    regular, link = stat.S_ISREG(status.st_mode), stat.S_ISLNK(status.st_mode)
    names = sorted(os.listxattr(whole, follow_symlinks=False))
    return Found(
        kind=stat.S_IFMT(status.st_mode),
        mode=stat.S_IMODE(status.st_mode),
        owner=(status.st_uid, status.st_gid),
        mtime=status.st_mtime_ns,
        xattrs=tuple((name, os.getxattr(whole, name, follow_symlinks=False)) for name in names),
        content=hashlib.sha256(_read(whole)).hexdigest() if regular else "",
        target=os.fsdecode(os.readlink(whole)) if link else "",
        links=frozenset(groups.get((status.st_dev, status.st_ino), ())),
        holes=_data(whole, status.st_size) if regular else (),
    )


def _read(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _data(path: bytes, size: int) -> tuple[tuple[int, int], ...]:
    found, at = [], 0
    with open(path, "rb") as file:
        while at < size:
            try:
                start = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                break
            at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            found.append((start, at))
    return tuple(found)
