"""Which folders of a branch are folders of the lower one under another name."""

from __future__ import annotations

import stat
from collections.abc import Container

from sandbox.effects.branches.comparison import Sides, origin_of


def renames(sides: Sides) -> dict[bytes, bytes]:
    """Old path by new path, for those that can be told as a rename (see `Change`). Raises OSError."""
    origins: dict[bytes, bytes | None] = {b"": b""}
    candidates: dict[bytes, bytes] = {}
    for path, folder in sides.layer.items():
        if not path:
            continue
        parent, _, name = path.rpartition(b"/")
        origin = origins[path] = origin_of(origins[parent], name, folder)
        if folder.redirect is not None and origin is not None and origin != path:
            candidates[path] = origin
    old = frozenset(candidates.values())
    return {
        path: origin
        for path, origin in candidates.items()
        if not _is_beneath(path, candidates) and not _is_beneath(origin, old) and _is_plain(sides, path, origin)
    }


def _is_plain(sides: Sides, path: bytes, origin: bytes) -> bool:
    """Nothing was at the new path, nothing is at the old one."""
    if sides.lower.status(path) is not None or sides.branch.status(origin) is not None:
        return False
    status = sides.lower.status(origin)
    return status is not None and stat.S_ISDIR(status.st_mode)


def _is_beneath(path: bytes, folders: Container[bytes]) -> bool:
    cut = path.rfind(b"/")
    while cut > 0:
        if path[:cut] in folders:
            return True
        cut = path.rfind(b"/", 0, cut)
    return False
