"""Operations on files as data, run one after the other; what each answered is an errno or None."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.files.acts import OLD, acl, remove_tree, settle

_libc = ctypes.CDLL(None, use_errno=True)
_EXCHANGE, _NOREPLACE = 2, 1
_PUNCH = 3

Operation = tuple[str, tuple[Any, ...]]


def _renameat2(old: str, new: str, flags: int) -> None:
    if _libc.renameat2(-100, old.encode(), -100, new.encode(), flags):
        raise OSError(ctypes.get_errno(), old)


def _write(path: str, flags: int, at: int, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o640)
    try:
        if at or data:
            os.pwrite(fd, data, at)
    finally:
        os.close(fd)


def _map(path: str) -> None:
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        size = os.fstat(fd).st_size
        if 0 < size <= 1 << 20:
            with mmap.mmap(fd, size) as memory:
                memory[size - 1 : size] = b"M"
    finally:
        os.close(fd)


def _punch(path: str, start: int, length: int) -> None:
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if _libc.fallocate(fd, _PUNCH, ctypes.c_long(start), ctypes.c_long(length)):
            raise OSError(ctypes.get_errno(), path)
    finally:
        os.close(fd)


def _unlink_open(path: str) -> None:
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        os.unlink(path)
        os.write(fd, b"gone")
    finally:
        os.close(fd)


def _late(path: str) -> None:
    here = os.open(".", os.O_RDONLY)
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600)
    try:
        os.write(fd, b"late")
        os.link(f"/proc/self/fd/{fd}", path, dst_dir_fd=here, follow_symlinks=True)
    finally:
        os.close(fd)
        os.close(here)


def _listen(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path)


DO: dict[str, Callable[..., object]] = {
    "write": _write,
    "truncate": lambda path, size: _on_file(path, lambda fd: os.ftruncate(fd, size)),
    "mkdir": lambda path: os.mkdir(path, 0o750),
    "rmdir": os.rmdir,
    "unlink": os.unlink,
    "unlink_open": _unlink_open,
    "late": _late,
    "rename": os.rename,
    "exchange": lambda old, new: _renameat2(old, new, _EXCHANGE),
    "noreplace": lambda old, new: _renameat2(old, new, _NOREPLACE),
    "link": lambda old, new: os.link(old, new, follow_symlinks=False),
    "symlink": lambda target, path: os.symlink(target, path),
    "mkfifo": lambda path: os.mkfifo(path, 0o620),
    "listen": _listen,
    "chmod": lambda path, mode: _on_file(path, lambda fd: os.fchmod(fd, mode)),
    "chown": lambda path, uid, gid: os.chown(path, uid, gid, follow_symlinks=False),
    "utime": lambda path, ns: os.utime(path, ns=(ns, ns), follow_symlinks=False),
    "setxattr": lambda path, name, value: os.setxattr(path, name, value, follow_symlinks=False),
    "removexattr": lambda path, name: os.removexattr(path, name, follow_symlinks=False),
    "acl": lambda path, owner: os.setxattr(path, "system.posix_acl_access", acl(2, owner), follow_symlinks=False),
    "map": _map,
    "punch": _punch,
    "remove_tree": remove_tree,
}


def _on_file(path: str, act: Callable[[int], object]) -> None:
    for access in (os.O_RDWR, os.O_RDONLY):
        try:
            fd = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK)
            break
        except IsADirectoryError:
            continue
    try:
        act(fd)
    finally:
        os.close(fd)


def run(operations: list[Operation]) -> list[int | None]:
    """Does all of them in the working folder."""
    answers: list[int | None] = []
    for name, arguments in operations:
        try:
            DO[name](*arguments)
            answers.append(None)
        except OSError as error:
            answers.append(error.errno)
    return answers


def base(root: Path) -> None:
    """What is there before."""
    for folder in ("a/b/c", "b", "c/a"):
        (root / folder).mkdir(parents=True)
    for name, size in (("a/x", 5), ("a/b/x", 3), ("a/b/c/x", 1), ("b/x", 70_000), ("c/x", 4), ("x", 200_000), ("y", 0)):
        (root / name).write_bytes((name.encode() * size)[:size])
    os.link(root / "y", root / "b/y")
    os.link(root / "c/x", root / "c/a/x")
    os.link(root / "c/x", root / "a/y")
    (root / "c/y").symlink_to("../x")
    os.mkfifo(root / "a/b/y")
    with (root / "a/b/c/y").open("wb") as file:
        file.truncate(500_000)
        file.seek(300_000)
        file.write(b"middle")
    os.setxattr(root / "a", "user.k", b"v")
    (root / "b").chmod(0o2775)
    (root / "x").chmod(0o6755)
    os.chown(root / "b/x", 10, 20)
    settle(root)


_names = st.sampled_from(["a", "b", "c", "x", "y"])
paths = st.lists(_names, min_size=1, max_size=4).map("/".join)
_folders = st.sampled_from(["a", "b", "c", "a/b", "a/b/c", "c/a", "a/c", "b/a", "c/b"])
_data = st.sampled_from([b"", b"data", b"\0" * 9, b"0123456789" * 1000])
_at = st.sampled_from([0, 0, 0, 2, 4096, 65_536, 131_072, 400_000])
_any = paths | _folders


def _op(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Operation]:
    return st.tuples(st.just(name), st.tuples(*arguments))


_flags = st.sampled_from([0, os.O_CREAT, os.O_CREAT | os.O_TRUNC, os.O_TRUNC, os.O_APPEND, os.O_CREAT | os.O_EXCL])
operations = st.lists(
    st.one_of(
        _op("write", paths, _flags, _at, _data),
        _op("rename", _any, _any),
        _op("rename", _folders, _folders),
        _op("mkdir", _any),
        _op("unlink", paths),
        _op("link", paths, paths),
        _op("remove_tree", _folders),
        _op("exchange", _any, _any),
        _op("noreplace", _any, _any),
        _op("truncate", paths, st.sampled_from([0, 1, 5, 70_000, 300_000])),
        _op("rmdir", _folders),
        _op("unlink_open", paths),
        _op("late", paths),
        _op("symlink", st.sampled_from(["x", "../x", "/", "nowhere"]), paths),
        _op("mkfifo", paths),
        _op("listen", paths),
        _op("chmod", _any, st.sampled_from([0o600, 0o644, 0o755, 0o4755, 0o2771, 0o1777])),
        _op("chown", _any, st.integers(0, 3), st.integers(0, 3)),
        _op("utime", _any, st.sampled_from([OLD, 7, -5_000_000_001, OLD + 1])),
        _op("setxattr", _any, st.sampled_from(["user.k", "user.overlay.opaque"]), st.sampled_from([b"", b"v", b"y"])),
        _op("removexattr", _any, st.just("user.k")),
        _op("acl", _any, st.integers(0, 3)),
        _op("map", paths),
        _op("punch", paths, st.sampled_from([0, 65_536, 262_144]), st.sampled_from([4096, 65_536, 131_072])),
    ),
    min_size=1,
    max_size=12,
)
