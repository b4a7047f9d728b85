"""Changing what stays: owner, mode and xattrs of a file or folder whose bytes or children are as they were."""

from __future__ import annotations

import os
import stat

from sandbox.effects.files.compare import DRESS, dressed_alike
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.read import open_beneath
from sandbox.effects.files.restore import dress
from sandbox.effects.files.xattrs import read_xattrs

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
# What a chown takes away by itself, before the chmod that a death kept from following.
_BY_CHOWN = {"mode", "xattrs"}


def change(parent: int, name: bytes, was: Entry, to: Entry, inode: int | None) -> bool:
    """Dresses `name` in the folder as `to`; a file's mtime, too. False where somebody else changed it since.

    `inode`: which it has to be; None in recovery, and on the way back, where part of it may be done. Raises OSError.
    """
    if dressed_alike(was, to) or to.kind not in ("file", "dir"):
        return True
    folder = to.kind == "dir"
    fd = open_beneath(parent, name, _OPEN)
    try:
        status = os.fstat(fd)
        mode = stat.S_IMODE(status.st_mode)
        has = read_xattrs(fd)
        found = Entry(to.kind, mode, status.st_uid, status.st_gid, status.st_mtime_ns, xattrs=has)
        strange = {
            name
            for name in (DRESS[:-1] if folder else DRESS)
            if getattr(found, name) not in (getattr(was, name), getattr(to, name))
        }
        if inode is not None and (status.st_ino != inode or strange):
            return False
        if strange - _BY_CHOWN:
            return False
        dress(fd, to, status, anew=True, atime_ns=status.st_atime_ns, mtime=not folder)
        return True
    finally:
        os.close(fd)
