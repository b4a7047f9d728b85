"""Databases in a workspace whose changes are told row by row, in place of the file that holds them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.branch import Branch
from sandbox.effects.branches.collected import Collected, collected
from sandbox.effects.files.effects import to_effect
from sandbox.effects.files.read import open_beneath
from sandbox.effects.sqlite.capture import At, Bounds, diff
from sandbox.effects.sqlite.opening import COMPANIONS
from sandbox.errors import JobError
from sandbox.model.effects import Class, Effect, Json
from sandbox.undo.roots import Workspace

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
# What opening a link, a socket or a path through another mount ends with.
_NO_FILE = (errno.ELOOP, errno.ENXIO, errno.EXDEV, errno.ENAMETOOLONG)


class _NoDatabaseError(Exception):
    """What an action put there is no regular file."""


@dataclass(frozen=True, slots=True)
class Told:
    """An action's effects. `as_files`: databases that could not be told by rows, and why; those are exact as files."""

    effects: tuple[Effect, ...]
    pre_root: str
    post_root: str
    as_files: tuple[str, ...] = ()

    def with_others(self, effects: Sequence[Effect]) -> Told:
        """With effects outside of the workspace."""
        pre, post = _root(self.pre_root, effects, "pre"), _root(self.post_root, effects, "post")
        return Told((*self.effects, *effects), pre, post, self.as_files)


def by_rows(
    found: Collected, names: Sequence[str], workspace: Workspace, branch: Branch, blobs: Blobs, rows: int
) -> Told:
    """What changed, with the databases `names` (paths in the workspace) told by rows. Raises QuotaError, OSError."""
    changed = {change.path for change in found.changes}
    told: list[Effect] = []
    as_files: list[str] = []
    for name in names:
        parts = {os.fsencode(name + each) for each in ("", *COMPANIONS)}
        if changed.isdisjoint(parts):
            continue
        with tempfile.TemporaryDirectory(prefix="sandbox-rows-") as folder:
            try:
                pre = _copied(lambda path: open_beneath(workspace.fd, path, _READ), name, Path(folder, "pre"))
                post = _copied(branch.open, name, Path(folder, "post"))
            except _NoDatabaseError:
                as_files.append(f"{name}: no regular file")
                continue
            effects = diff(pre, post, name, blobs, Bounds(rows=rows))
        unknown = [effect for effect in effects if effect.cls is Class.UNKNOWN]
        if unknown or not effects:
            why = ", ".join(unknown[0].residue) if unknown else "no row changed"
            as_files.append(f"{name}: {why}")
            continue
        told += effects
        changed -= parts
    rest = collected((change for change in found.changes if change.path in changed), found.foreign)
    files = tuple(map(to_effect, rest.changes))
    if not told:
        return Told(files, found.pre_root, found.post_root, tuple(as_files))
    return Told(
        (*told, *files), _root(rest.pre_root, told, "pre"), _root(rest.post_root, told, "post"), tuple(as_files)
    )


def checked_names(names: Sequence[str], field: str) -> tuple[str, ...]:
    """Paths of databases beneath the workspace. Raises JobError."""
    for number, name in enumerate(names):
        if Path(name).is_absolute() or any(part in ("", ".", "..") for part in name.split("/")):
            raise JobError(f"{field}[{number}]", f"{name!r} is no path beneath the workspace", "like data/shop.db")
    return tuple(names)


def _copied(open_at: Callable[[bytes], int], name: str, folder: Path) -> At | None:
    """A database and what belongs to it, copied by descriptors. None where there is none.

    Raises _NoDatabaseError where a part of it is anything but a regular file.

    A branch is mounted nowhere: it has no path by which another process could look at it.
    """
    folder.mkdir()
    base = Path(name).name
    for suffix in ("", *COMPANIONS):
        try:
            fd = open_at(os.fsencode(name + suffix))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno in _NO_FILE:
                raise _NoDatabaseError from error
            raise
        _copy(fd, folder / (base + suffix))
    return At(folder, base) if (folder / base).exists() else None


def _copy(fd: int, target: Path) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise _NoDatabaseError
    with os.fdopen(fd, "rb") as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _root(files: str, rows: Sequence[Effect], side: str) -> str:
    """The root over files and rows: SHA-256 over the files' root and each row's state, in the order of the list."""
    states: list[Json] = [[effect.resource, getattr(effect, side)] for effect in rows]
    text = json.dumps([files, states], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
