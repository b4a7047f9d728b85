"""Setting what can be set of an entry, in the one order that works.

Owner first: chown takes suid, sgid and capabilities away. Then the mode, then xattrs (an ACL is consistent with the
mode that was recorded beside it; capabilities come after the owner), and times last.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from sandbox.effects.files.entry import Entry
from sandbox.effects.files.xattrs import Xattrs, read_xattrs


def dress(
    at: int | bytes,
    entry: Entry,
    status: os.stat_result,
    *,
    anew: bool = False,
    atime_ns: int | None = None,
    mtime: bool = True,
) -> None:
    """Sets owner, mode, xattrs and mtime of a descriptor, or of a path whose last part is not followed.

    `status`: of it; what is right already is not set. `anew`: it has been dressed before; xattrs that the entry has not
    are removed. Raises OSError.
    """
    follow = isinstance(at, int)
    owned = (status.st_uid, status.st_gid) == (entry.uid, entry.gid)
    if not owned:
        os.chown(at, entry.uid, entry.gid, follow_symlinks=follow)
    if entry.kind != "symlink" and not (owned and stat.S_IMODE(status.st_mode) == entry.mode):
        # A path stands in a folder of our own, and is no link.
        os.chmod(at, entry.mode)
    if entry.xattrs or anew:
        # Looked at now: chown took capabilities away, chmod wrote the ACL's mask.
        _set_xattrs(at, entry.xattrs, read_xattrs(at) if anew else (), follow)
    if mtime:
        date(at, entry.mtime_ns, atime_ns)


def date(at: int | bytes, mtime_ns: int, atime_ns: int | None = None) -> None:
    """Sets the mtime; the atime is what is given, or the same. Raises OSError."""
    os.utime(at, ns=(mtime_ns if atime_ns is None else atime_ns, mtime_ns), follow_symlinks=isinstance(at, int))


def _set_xattrs(at: int | bytes, wanted: Xattrs, has: Xattrs, follow: bool) -> None:
    for name in _names(has) - _names(wanted):
        os.removexattr(at, name, follow_symlinks=follow)
    there = dict(has)
    for name, value in wanted:
        if there.get(name) != value:
            os.setxattr(at, name, value, follow_symlinks=follow)


def _names(xattrs: Xattrs) -> set[bytes]:
    return {name for name, _ in xattrs}


def data_between(holes: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """What of a file of `size` bytes is not in its holes, as (offset, length), in order."""
    found, at = [], 0
    for start, length in holes:
        if start > at:
            found.append((at, start - at))
        at = start + length
    if at < size:
        found.append((at, size - at))
    return found
