"""One file, folder, link or pipe: all that can be told and restored of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "dir", "symlink", "fifo", "socket"]


@dataclass(frozen=True, slots=True)
class Entry:
    """The state of one path. Numbers as on disk: ids not shifted by any jail's user namespace.

    `mode`: permission bits with suid, sgid and sticky. `xattrs`: sorted, ACLs and capabilities among them, nothing of
    overlayfs'. `content`: SHA-256, in hex, of the bytes of a file that are not in its holes, one piece behind the
    other. `target`: a symlink's. `holes`: the runs of aligned blocks of 64 KiB that are all zeros, as (offset, length),
    allocated or not; a smaller file has none. `links`: the other paths, within the workspace, that were seen to be the
    same file, sorted; and `nlink` how many there are in all. Not part of it: atime, ctime, inode, a folder's size.
    """

    kind: Kind
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    size: int = 0
    xattrs: tuple[tuple[bytes, bytes], ...] = ()
    content: str = ""
    target: bytes = b""
    holes: tuple[tuple[int, int], ...] = ()
    links: tuple[bytes, ...] = ()
    nlink: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one path, relative to the workspace's root. `b""` is the root itself.

    `pre`, `post`: None where there was nothing. A path whose two entries are equal is no change. A folder that was
    renamed as a whole comes as a `Change` of its new path with `moved_from`, and `pre` is then the folder at its old
    path; what lies below it moved along, and only what changed there as well has changes of its own, under its new
    path. The old path then has no change of its own. A rename is told in this way only where nothing was at the new
    path before and nothing is at the old one after, and neither is beneath another renamed folder; every other rename
    comes as deletions and creations.
    """

    path: bytes
    pre: Entry | None
    post: Entry | None
    moved_from: bytes | None = None
