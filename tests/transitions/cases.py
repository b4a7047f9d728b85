"""What actions do to files: a workspace before, the work, and the folders that it renames (the new path by the old)."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Work = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    before: Work
    work: Work
    moves: Mapping[bytes, bytes] = field(default_factory=dict)


def acl(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


_NOBODY = 0xFFFFFFFF
# user::rw-, user:1001:r--, group::r--, mask::r--, other::---
ACL = acl((1, 6, _NOBODY), (2, 4, 1001), (4, 4, _NOBODY), (16, 4, _NOBODY), (32, 0, _NOBODY))
# cap_net_bind_service=ep
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)


def _files(root: Path) -> None:
    for name in ("a", "b", "d/x", "d/y", "d/e/z"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}\n")
        os.utime(path, ns=(10**18, 10**18 + len(name)))
    (root / "empty").mkdir()
    os.symlink("a", root / "link")


def _files_below(root: Path) -> None:
    root.mkdir()
    _files(root)
    (root / "x").write_text("x")
    (root / "e").mkdir()
    (root / "e/z").write_text("z")


def _linked(root: Path) -> None:
    _files(root)
    os.link(root / "a", root / "d/same")


def _each(*works: Work) -> Work:
    def work(root: Path) -> None:
        for one in works:
            one(root)

    return work


def _append(root: Path) -> None:
    with (root / "a").open("a") as file:
        file.write("and more\n")


def _write_through_a_map(root: Path) -> None:
    with (root / "a").open("r+b") as file, mmap.mmap(file.fileno(), 0) as view:
        view[0:4] = b"that"


def _write_to_what_was_unlinked(root: Path) -> None:
    with (root / "a").open("r+b") as file:
        (root / "a").unlink()
        file.write(b"to nobody")


def _without_a_name_first(root: Path) -> None:
    top = os.open(root, os.O_RDONLY)
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o640, dir_fd=top)
    os.write(fd, b"now it has one")
    os.link(f"/proc/self/fd/{fd}", "named", dst_dir_fd=top, follow_symlinks=True)
    os.close(fd)
    os.close(top)


def _sparse(size: int, *pieces: tuple[int, bytes], name: str = "sparse") -> Work:
    def work(root: Path) -> None:
        with (root / name).open("wb") as file:
            file.truncate(size)
            for offset, data in pieces:
                os.pwrite(file.fileno(), data, offset)

    return work


def _punch(root: Path) -> None:
    with (root / "sparse").open("r+b") as file:
        punched = ctypes.CDLL(None, use_errno=True).fallocate(
            file.fileno(), 0x02 | 0x01, ctypes.c_long(65536), ctypes.c_long(65536)
        )
        assert punched == 0, os.strerror(ctypes.get_errno())


def _socket(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        fd = os.open(root, os.O_PATH)
        listener.bind(f"/proc/self/fd/{fd}/socket")
        os.close(fd)


def _swap(root: Path) -> None:
    os.rename(root / "a", root / "c")
    os.rename(root / "b", root / "a")
    os.rename(root / "c", root / "b")


def _swap_folders(root: Path) -> None:
    os.rename(root / "d", root / "c")
    os.rename(root / "empty", root / "d")
    os.rename(root / "c", root / "empty")


def _deep(levels: int) -> Work:
    def work(root: Path) -> None:
        fd = os.open(root, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir("d", dir_fd=fd)
            below = os.open("d", os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=fd))
        os.close(fd)

    return work


def _names(root: Path) -> None:
    for name in (
        b"new\nline",
        b"\xff\xfe",
        b"x" * 255,
        b"-rf",
        "é".encode(),
        "e\u0301".encode(),
        b"A",
        b" ",
        b"*",
        b"\\",
    ):
        (Path(os.fsdecode(os.fsencode(root) + b"/" + name))).write_text("kept")


def _nothing(root: Path) -> None:
    pass


def _owner(uid: int, gid: int, name: str = "a") -> Work:
    return lambda root: os.chown(root / name, uid, gid, follow_symlinks=False)


def _mode(mode: int, name: str = "a") -> Work:
    return lambda root: os.chmod(root / name, mode)


def _mtime(ns: int, name: str = "a") -> Work:
    return lambda root: os.utime(root / name, ns=(ns, ns), follow_symlinks=False)


def _xattr(xattr: str, value: bytes, name: str = "a") -> Work:
    return lambda root: os.setxattr(root / name, xattr, value, follow_symlinks=False)


def _text(text: str, name: str = "a") -> Work:
    return lambda root: (root / name).write_text(text)


def _remove(*names: str) -> Work:
    return lambda root: [(root / name).rmdir() if (root / name).is_dir() else (root / name).unlink() for name in names]


def _rename(old: str, new: str) -> Work:
    return lambda root: os.rename(root / old, root / new)


def _link(old: str, new: str) -> Work:
    return lambda root: os.link(root / old, root / new, follow_symlinks=False)


def _symlink(target: str, new: str) -> Work:
    return lambda root: os.symlink(target, root / new)


def _folder(name: str) -> Work:
    return lambda root: (root / name).mkdir()


_EMPTY_D = _remove("d/e/z", "d/e", "d/x", "d/y", "d")

METADATA = {
    "mode": Case(_files, _mode(0o600)),
    "no mode": Case(_files, _mode(0)),
    "suid": Case(_files, _each(_mode(0o4755), _mode(0o2755, "b"), _mode(0o1777, "d"))),
    "suid taken by chown": Case(_each(_files, _mode(0o6755)), _owner(1001, 1002)),
    "suid given after chown": Case(_files, _each(_owner(1001, 1002), _mode(0o6755))),
    "owner that no account has": Case(_files, _each(_owner(3_000_000_000, 3_000_000_001), _owner(7, 7, "d"))),
    "owner of a link": Case(_files, _owner(1001, 1002, "link")),
    "mtime": Case(_files, _each(_mtime(1_000_000_000_000_000_001), _mtime(999_999_999, "d"), _mtime(5, "link"))),
    "mtime of the future": Case(_files, _mtime(4_000_000_000_123_456_789)),
    "mtime before 1970": Case(_files, _mtime(-123_456_789)),
    "xattr": Case(_files, _each(_xattr("user.note", b"new"), _xattr("user.\xff", b"\0", "d"))),
    "xattr changed and removed": Case(
        _each(_files, _xattr("user.one", b"1"), _xattr("user.two", b"2")),
        _each(_xattr("user.one", b"one"), lambda root: os.removexattr(root / "a", "user.two")),
    ),
    "xattr as overlayfs would": Case(_files, _xattr("user.overlay.opaque", b"y", "d")),
    "xattr of the kernel's trust": Case(_files, _xattr("trusted.note", b"root's", "link")),
    "xattr and content": Case(_each(_files, _xattr("user.one", b"1")), _each(_remove("a"), _text("other"))),
    "acl": Case(_files, _xattr("system.posix_acl_access", ACL)),
    "acl removed": Case(
        _each(_files, _xattr("system.posix_acl_access", ACL)),
        lambda root: os.removexattr(root / "a", "system.posix_acl_access"),
    ),
    "default acl": Case(_files, _each(_xattr("system.posix_acl_default", ACL, "d"), _text("inherits", "d/new"))),
    "default acl of the root": Case(
        _each(_files, _xattr("system.posix_acl_default", ACL, ".")), _each(_text("inherits", "new"), _text("has none"))
    ),
    "capability": Case(_files, _xattr("security.capability", CAPABILITY)),
    "capability taken by chown": Case(_each(_files, _xattr("security.capability", CAPABILITY)), _owner(5, 5)),
    "capability and content": Case(_each(_files, _xattr("security.capability", CAPABILITY)), _text("takes it away")),
    "folder's mode and owner": Case(_files, _each(_mode(0o2711, "d"), _owner(1001, 1002, "d/e"))),
    "the root's own": Case(_files, _each(_mode(0o750, "."), _mtime(77, "."), _xattr("user.root", b"yes", "."))),
    "setgid root": Case(_each(_files, _owner(0, 55, "."), _mode(0o2775, ".")), _each(_folder("n"), _text("n", "n/f"))),
}

OBJECTS = {
    "empty file": Case(_nothing, _text("", "new")),
    "empty folder": Case(_nothing, _each(_folder("new"), _folder("new/er"))),
    "a file": Case(_files, _text("new", "new")),
    "content": Case(_files, _text("other")),
    "content emptied": Case(_files, _text("")),
    "links": Case(_files, _each(_symlink("/no/where", "far"), _symlink("loop", "loop"), _symlink("x" * 4000, "long"))),
    "link retargeted": Case(_files, _each(_remove("link"), _symlink("b", "link"))),
    "hard link made": Case(_files, _link("a", "d/same")),
    "hard link removed": Case(_linked, _remove("d/same")),
    "first of hard links removed": Case(_linked, _remove("a")),
    "hard links, written": Case(_linked, _append),
    "hard links, dressed": Case(_linked, _each(_mode(0o4711), _xattr("user.note", b"both"))),
    "hard link broken": Case(_linked, _each(_remove("d/same"), _text("my own", "d/same"))),
    "hard links joined": Case(
        _each(_files, _text("same", "a"), _text("same", "b"), _mtime(5, "a"), _mtime(5, "b")),
        _each(_remove("b"), _link("a", "b"), _mtime(5, "a")),
    ),
    "hard links parted, same bytes": Case(
        _linked, _each(_remove("d/same"), lambda root: (root / "d/same").write_bytes((root / "a").read_bytes()))
    ),
    "hard links change partners": Case(
        _each(_linked, _link("b", "d/other")),
        _each(_remove("d/same", "d/other"), _link("a", "d/other"), _link("b", "d/same")),
    ),
    "three hard links, new": Case(
        _files, _each(_text("n", "n"), _link("n", "o"), _link("n", "d/p"), _link("n", "empty/q"))
    ),
    "hard links of a link": Case(_files, _link("link", "d/link")),
    "hard links, all removed": Case(_linked, _remove("a", "d/same")),
    "pipe": Case(_files, lambda root: os.mkfifo(root / "pipe", 0o620)),
    "pipe removed": Case(_each(_files, lambda root: os.mkfifo(root / "pipe")), _remove("pipe")),
    "socket": Case(_files, _socket),
    "socket removed": Case(_each(_files, _socket), _remove("socket")),
    "sparse": Case(_files, _sparse(1 << 20, (8192, b"x" * 4096), (65536, b"y" * 8192))),
    "hole of a tebibyte": Case(_files, _sparse(1 << 40, (1 << 39, b"in the middle"))),
    "nothing but hole": Case(_files, _sparse(1 << 30)),
    "beyond 4 GiB": Case(_files, _sparse((1 << 32) + 4096, ((1 << 32), b"z" * 4096))),
    "punched": Case(_each(_files, _sparse(262144, (0, b"z" * 262144))), _punch),
    "truncated and extended": Case(
        _each(_files, _text("z" * 20000, "a")),
        lambda root: (os.truncate(root / "a", 10), os.truncate(root / "a", 30000)),
    ),
    "larger than a piece": Case(_files, _text("0123456789abcdef" * 200_000)),
    "names": Case(_nothing, _names),
    "names removed": Case(
        _names,
        lambda root: [os.unlink(os.path.join(os.fsencode(root), each)) for each in os.listdir(os.fsencode(root))],
    ),
    "deep": Case(_nothing, _deep(300)),
}

TRANSITIONS = {
    "rename": Case(_files, _rename("a", "c")),
    "rename over": Case(_files, _rename("a", "b")),
    "rename into a folder": Case(_files, _rename("a", "empty/a")),
    "swap": Case(_files, _swap),
    "folder to file": Case(_files, _each(_EMPTY_D, _text("a file now", "d"))),
    "file to folder": Case(_files, _each(_remove("a"), _folder("a"), _text("below", "a/f"))),
    "folder to link": Case(_files, _each(_EMPTY_D, _symlink("empty", "d"))),
    "link to folder": Case(_files, _each(_remove("link"), _folder("link"), _text("f", "link/f"))),
    "file to link": Case(_files, _each(_remove("a"), _symlink("b", "a"))),
    "file to pipe": Case(_files, _each(_remove("a"), lambda root: os.mkfifo(root / "a"))),
    "removed and made again": Case(_files, _each(_remove("a"), _text("this is a\n"), _mode(0o600))),
    "folder made again": Case(_files, _each(_EMPTY_D, _folder("d"), _text("only this", "d/w"))),
    "everything removed": Case(_files, _each(_EMPTY_D, _remove("a", "b", "empty", "link"))),
    "folder renamed": Case(_files, _rename("d", "n"), {b"n": b"d"}),
    "folder renamed into another": Case(_files, _rename("d", "empty/n"), {b"empty/n": b"d"}),
    "folder renamed into a new one": Case(_files, _each(_folder("n"), _rename("d", "n/d")), {b"n/d": b"d"}),
    "folder renamed, edited inside": Case(
        _files,
        _each(_rename("d", "n"), _text("x", "n/x"), _remove("n/y", "n/e/z"), _text("w", "n/e/w"), _mode(0o700, "n")),
        {b"n": b"d"},
    ),
    "folder renamed, another in its place": Case(
        _files, _each(_rename("d", "n"), _folder("d"), _text("new", "d/x"), _remove("n/x")), {b"n": b"d"}
    ),
    "folder renamed, a file in its place": Case(_files, _each(_rename("d", "n"), _text("new", "d")), {b"n": b"d"}),
    "folders renamed inside one another": Case(
        _files,
        _each(_rename("d", "n"), _rename("n/e", "n/f"), _text("z", "n/f/z")),
        {b"n": b"d", b"n/f": b"d/e"},
    ),
    "inner folder taken out": Case(
        _files, _each(_rename("d/e", "e"), _rename("d", "e/d"), _text("x", "e/d/x")), {b"e": b"d/e", b"e/d": b"d"}
    ),
    "folders swapped": Case(_files, _swap_folders, {b"d": b"empty", b"empty": b"d"}),
    "folder renamed, hard links inside": Case(_linked, _each(_rename("d", "n"), _append), {b"n": b"d"}),
    "append": Case(_files, _append),
    "written through a map": Case(_files, _write_through_a_map),
    "written when it had no name": Case(_files, _write_to_what_was_unlinked),
    "made without a name": Case(_files, _without_a_name_first),
    "a repository in it": Case(
        _each(_files, _folder(".git"), _text("ref: refs/heads/main", ".git/HEAD"), _text("*.o", ".gitignore")),
        _each(_text("ignored", "x.o"), _remove(".git/HEAD", ".git"), _folder("d/.git"), _text("nested", "d/.git/HEAD")),
    ),
}

ALL = {**METADATA, **OBJECTS, **TRANSITIONS}
