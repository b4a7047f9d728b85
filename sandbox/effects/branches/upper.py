"""The writable layer of an overlay: which names it holds, and what overlayfs noted on its folders.

A layer is a hint of where to look, and no more: what an entry is, before and after, is read through the file systems.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import Literal

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.branches.paths import Folders, join

Mark = Literal["dir", "file", "other", "whiteout"]


@dataclass(slots=True)
class Folder:
    """A folder of the layer. `opaque`: nothing of the lower one shows. `redirect`: the lower path that it goes on."""

    names: dict[bytes, Mark] = field(default_factory=dict)
    opaque: bool = False
    redirect: bytes | None = None


def scan(upper: Folders, prefix: str, most: int, *, whiteouts: bool = True) -> dict[bytes, Folder]:
    """Every folder of the layer, by its path. `prefix`: of overlayfs' own attributes, such as `trusted.overlay.`.

    `prefix` is "" where there are none. Without `whiteouts` what looks like one is a device as any other.

    Raises QuotaError for more than `most` names, UnsupportedError for a device, OSError.
    """
    found: dict[bytes, Folder] = {}
    todo, count = [b""], 0
    while todo:
        path = todo.pop()
        at = upper.at(path)
        folder = found[path] = _marked(at, prefix)
        with os.scandir(at) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                count += 1
                if count > most:
                    raise QuotaError(f"more than {most:,} files were touched")
                if entry.is_dir(follow_symlinks=False):
                    folder.names[name] = "dir"
                    todo.append(join(path, name))
                elif entry.is_file(follow_symlinks=False):
                    folder.names[name] = "file"
                elif entry.is_symlink():
                    folder.names[name] = "other"
                else:
                    folder.names[name] = _special(join(path, name), entry.stat(follow_symlinks=False), whiteouts)
    return found


def _special(path: bytes, status: os.stat_result, whiteouts: bool) -> Mark:
    if whiteouts and stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
        return "whiteout"
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        raise UnsupportedError(f"{os.fsdecode(path)!r} is a device")
    return "other"


def _marked(at: int, prefix: str) -> Folder:
    folder = Folder()
    if not prefix:
        return folder
    for name in os.listxattr(at):
        if name == f"{prefix}opaque":
            folder.opaque = os.getxattr(at, name) == b"y"
        elif name == f"{prefix}redirect":
            folder.redirect = os.getxattr(at, name)
    return folder
