"""Cases of capture, as data: what is there, what an action does in the workspace's root, which paths changed.

`changes` are pairs of a path and the path that a renamed folder came from, in the order that they are told in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.files.acts import (
    OLD,
    acl,
    capability,
    in_steps,
    listen,
    mapped_write,
    nothing,
    preallocated,
    punch,
    remove_tree,
    sparse,
    swap,
    tree,
    unnamed_file,
    write,
    write_after_unlink,
)
from tests.files.deep import make_deep

Changes = list[tuple[bytes, bytes | None]]


@dataclass(frozen=True)
class Case:
    name: str
    prepare: Callable[[Path], object]
    act: Callable[[], object]
    changes: Changes
    uid: int = 0


def here(*paths: bytes) -> Changes:
    return [(path, None) for path in paths]


NAMES = [
    b"new\nline",
    b"\xff\xfe",
    b"n" * 255,
    b"-rf",
    "\u00e9".encode(),
    "e\u0301".encode(),
    b"A",
    b"a",
    b" ",
    b"\\xff",
]

CASES = [
    # Metadata.
    Case("nothing at all", tree, lambda: None, []),
    Case("mode of a file", tree, lambda: os.chmod("f", 0o600), here(b"f")),
    Case("mode of a folder", tree, lambda: os.chmod("d", 0o700), here(b"d")),
    Case(
        "mode of a large file, whose bytes stay where they are", tree, lambda: os.chmod("large", 0o600), here(b"large")
    ),
    Case(
        "suid, sgid and sticky",
        tree,
        in_steps(lambda: os.chmod("f", 0o6711), lambda: os.chmod("d", 0o1777)),
        here(b"d", b"f"),
    ),
    Case("a change of owner takes suid away", tree, lambda: os.chown("script", 5, 6), here(b"script")),
    Case("owner of a link", tree, lambda: os.chown("link", 7, 8, follow_symlinks=False), here(b"link")),
    Case("the highest user that is mapped", tree, lambda: os.chown("f", 65535, 65535), here(b"f")),
    Case("mtime to the nanosecond", tree, lambda: os.utime("f", ns=(1, OLD + 1)), here(b"f")),
    Case("mtime of the future", tree, lambda: os.utime("f", ns=(1, 4_000_000_000_000_000_001)), here(b"f")),
    Case("mtime before 1970", tree, lambda: os.utime("f", ns=(1, -1_000_000_001)), here(b"f")),
    Case("mtime of the root", tree, lambda: os.utime(".", ns=(1, 2)), here(b"")),
    Case("mode of the root", tree, lambda: os.chmod(".", 0o711), here(b"")),
    Case("atime only", tree, lambda: os.utime("f", ns=(5, OLD)), []),
    Case("the same mode again", tree, lambda: os.chmod("f", 0o644), []),
    Case("user attribute", tree, lambda: os.setxattr("f", "user.a", b"1\0\xff"), here(b"f")),
    Case("user attribute of a folder", tree, lambda: os.setxattr("d", "user.a", b"1"), here(b"d")),
    Case(
        "user attribute called as overlayfs' own",
        tree,
        lambda: os.setxattr("d", "user.overlay.opaque", b"y"),
        here(b"d"),
    ),
    Case(
        "user attribute with an escaped name",
        tree,
        lambda: os.setxattr("d", "user.overlay.overlay.redirect", b"/e"),
        here(b"d"),
    ),
    Case("access list", tree, lambda: os.setxattr("f", "system.posix_acl_access", acl(2, 1234)), here(b"f")),
    Case("access list of a group", tree, lambda: os.setxattr("f", "system.posix_acl_access", acl(8, 77)), here(b"f")),
    Case("default access list", tree, lambda: os.setxattr("d", "system.posix_acl_default", acl(2, 1234)), here(b"d")),
    Case("capability of a file", tree, lambda: os.setxattr("f", "security.capability", capability()), here(b"f")),
    Case(
        "attributes of the root that were there before",
        lambda root: (
            tree(root),
            os.setxattr(root, "user.root", b"1"),
            os.setxattr(root, "system.posix_acl_default", acl(2, 5)),
        ),
        lambda: os.chmod("f", 0o600),
        here(b"f"),
    ),
    Case(
        "a list, a capability and an attribute that were there before",
        lambda root: (
            tree(root),
            os.setxattr(root / "f", "system.posix_acl_access", acl(2, 99)),
            os.setxattr(root / "f", "security.capability", capability()),
            os.setxattr(root / "f", "user.b", b"2"),
        ),
        lambda: os.utime("f", ns=(1, 2)),
        here(b"f"),
    ),
    Case("opened to append, nothing written", tree, lambda: write("f", b"", os.O_APPEND), []),
    Case("opened to append through one of two names", tree, lambda: write("one", b"", os.O_APPEND), []),
    Case(
        "the same bytes and time again",
        tree,
        in_steps(lambda: write("f", b"file"), lambda: os.utime("f", ns=(1, OLD))),
        [],
    ),
    # Objects.
    Case("empty file", tree, lambda: write("new", b""), here(b"", b"new")),
    Case("empty folder", tree, lambda: os.mkdir("new"), here(b"", b"new")),
    Case("folders in folders", tree, lambda: os.makedirs("x/y/z"), here(b"", b"x", b"x/y", b"x/y/z")),
    Case(
        "file as another user",
        lambda root: (tree(root), root.chmod(0o777)),
        lambda: write("new"),
        here(b"", b"new"),
        1000,
    ),
    Case(
        "links: dangling, absolute, to itself",
        tree,
        in_steps(
            *(
                lambda to=to, name=name: os.symlink(to, name)
                for name, to in (("l1", "gone"), ("l2", "/etc/passwd"), ("l3", "l3"))
            )
        ),
        here(b"", b"l1", b"l2", b"l3"),
    ),
    Case(
        "link to elsewhere",
        tree,
        in_steps(lambda: os.unlink("link"), lambda: os.symlink("g", "link")),
        here(b"", b"link"),
    ),
    Case("pipe", tree, lambda: os.mkfifo("pipe", 0o640), here(b"", b"pipe")),
    Case("socket", tree, lambda: listen("socket"), here(b"", b"socket")),
    Case("one of two names written to", tree, lambda: write("two", b"!", os.O_APPEND), here(b"one", b"two")),
    Case("one of two names taken away", tree, lambda: os.unlink("two"), here(b"", b"one", b"two")),
    Case("a third name", tree, lambda: os.link("one", "three"), here(b"", b"one", b"three", b"two")),
    Case("a second name of an old file", tree, lambda: os.link("f", "f2"), here(b"", b"f", b"f2")),
    Case(
        "two names of a new file",
        tree,
        in_steps(lambda: write("n1"), lambda: os.link("n1", "n2")),
        here(b"", b"n1", b"n2"),
    ),
    Case(
        "one name in the workspace, one outside",
        lambda root: (tree(root), os.link(root / "f", root.parent / "outside")),
        lambda: write("f", b"!", os.O_APPEND),
        here(b"f"),
    ),
    Case(
        "two names parted", tree, in_steps(lambda: write("t"), lambda: os.rename("t", "two")), here(b"", b"one", b"two")
    ),
    Case("sparse file of 1 TiB, new", nothing, lambda: sparse(Path(".")), here(b"", b"sparse")),
    Case("sparse file of 1 TiB, opened only", sparse, lambda: write("sparse", b"", os.O_APPEND), []),
    Case("sparse file of 1 TiB, one byte", sparse, lambda: write("sparse", b"D"), here(b"sparse")),
    Case("hole punched", tree, lambda: punch("large", 65536, 131072), here(b"large")),
    Case("allocated, never written, opened only", preallocated, lambda: write("pre", b"", os.O_APPEND), []),
    Case(
        "larger than 4 GiB",
        nothing,
        in_steps(lambda: write("big"), lambda: os.truncate("big", (5 << 30) + 1)),
        here(b"", b"big"),
    ),
    Case(
        "names of any bytes",
        nothing,
        in_steps(*(lambda name=name: write(name) for name in NAMES)),
        here(b"", *sorted(NAMES)),
    ),
    Case(
        "old names of any bytes",
        lambda root: [write(os.path.join(os.fsencode(root), name)) for name in NAMES],
        in_steps(*(lambda name=name: os.unlink(name) for name in NAMES)),
        here(b"", *sorted(NAMES)),
    ),
    Case(
        "a path longer than PATH_MAX",
        nothing,
        lambda: make_deep(b"n" * 200, 40),
        here(*(b"/".join([b"n" * 200] * n) for n in range(41))),
    ),
    # Transitions.
    Case("written", tree, lambda: write("f", b"longer than before"), here(b"f")),
    Case(
        "truncated and made longer",
        tree,
        in_steps(lambda: os.truncate("f", 0), lambda: os.truncate("f", 4)),
        here(b"f"),
    ),
    Case("appended", tree, lambda: write("f", b"more", os.O_APPEND), here(b"f")),
    Case("written through memory", tree, mapped_write, here(b"f")),
    Case("written after it had no name", tree, write_after_unlink, here(b"", b"f")),
    Case("named after it was written", tree, unnamed_file, here(b"", b"late")),
    Case("renamed", tree, lambda: os.rename("f", "new"), here(b"", b"f", b"new")),
    Case("renamed over another", tree, lambda: os.rename("f", "g"), here(b"", b"f", b"g")),
    Case(
        "renamed and changed back",
        tree,
        in_steps(lambda: os.rename("f", "n"), lambda: os.rename("n", "f"), lambda: os.utime(".", ns=(1, OLD))),
        [],
    ),
    Case("two files change places", tree, lambda: swap("f", "g"), here(b"", b"f", b"g")),
    Case(
        "two folders change places",
        tree,
        lambda: swap("d", "e"),
        here(b"", b"d/a", b"d/b", b"d/s", b"d/s/deep", b"e/a", b"e/b", b"e/s", b"e/s/deep"),
    ),
    Case(
        "two folders with large files change places, then one's mode",
        lambda root: (
            tree(root),
            (root / "d/s/big").write_bytes(b"A" * 100_000),
            (root / "e/s").mkdir(),
            (root / "e/s/big").write_bytes(b"B" * 100_000),
        ),
        in_steps(lambda: swap("d", "e"), lambda: os.chmod("d/s/big", 0o600)),
        here(b"", b"d", b"d/a", b"d/b", b"d/s", b"d/s/big", b"d/s/deep")
        + here(b"e", b"e/a", b"e/b", b"e/s", b"e/s/big", b"e/s/deep"),
    ),
    Case("deleted", tree, lambda: os.unlink("f"), here(b"", b"f")),
    Case(
        "made and deleted",
        tree,
        in_steps(lambda: write("n"), lambda: os.unlink("n"), lambda: os.utime(".", ns=(1, OLD))),
        [],
    ),
    Case(
        "deleted and made again", tree, in_steps(lambda: os.unlink("f"), lambda: write("f", b"file")), here(b"", b"f")
    ),
    Case("folder deleted with all in it", tree, lambda: remove_tree("d"), here(b"", b"d", b"d/a", b"d/s", b"d/s/deep")),
    Case(
        "folder deleted and made again",
        tree,
        in_steps(lambda: remove_tree("d"), lambda: os.mkdir("d"), lambda: write("d/new")),
        here(b"", b"d", b"d/a", b"d/new", b"d/s", b"d/s/deep"),
    ),
    Case(
        "folder becomes a file", tree, in_steps(lambda: remove_tree("e"), lambda: write("e")), here(b"", b"e", b"e/b")
    ),
    Case(
        "file becomes a folder",
        tree,
        in_steps(lambda: os.unlink("f"), lambda: os.mkdir("f"), lambda: write("f/in")),
        here(b"", b"f", b"f/in"),
    ),
    Case(
        "folder becomes a link",
        tree,
        in_steps(lambda: remove_tree("e"), lambda: os.symlink("d", "e")),
        here(b"", b"e", b"e/b"),
    ),
    Case(
        "link becomes a folder", tree, in_steps(lambda: os.unlink("link"), lambda: os.mkdir("link")), here(b"", b"link")
    ),
    Case("folder renamed", tree, lambda: os.rename("d", "new"), [(b"", None), (b"new", b"d")]),
    Case(
        "folder renamed, then changed within",
        tree,
        in_steps(
            lambda: os.rename("d", "new"),
            lambda: write("new/a", b"IN D"),
            lambda: os.unlink("new/s/deep"),
            lambda: write("new/s/x"),
        ),
        [(b"", None), (b"new", b"d"), *here(b"new/a", b"new/s", b"new/s/deep", b"new/s/x")],
    ),
    Case(
        "changed within, then folder renamed",
        tree,
        in_steps(lambda: write("d/a", b"IN D"), lambda: os.rename("d", "new")),
        [(b"", None), (b"new", b"d"), (b"new/a", None)],
    ),
    Case("folder renamed into another", tree, lambda: os.rename("d", "e/d"), [*here(b"", b"e"), (b"e/d", b"d")]),
    Case(
        "folder renamed into a new one",
        tree,
        in_steps(lambda: os.mkdir("n"), lambda: os.rename("d", "n/d")),
        [*here(b"", b"n"), (b"n/d", b"d")],
    ),
    Case(
        "folder renamed out of one that is then deleted",
        tree,
        in_steps(lambda: os.rename("d/s", "s"), lambda: remove_tree("d")),
        [*here(b"", b"d", b"d/a"), (b"s", b"d/s")],
    ),
    Case(
        "folder renamed and back",
        tree,
        in_steps(lambda: os.rename("d", "n"), lambda: os.rename("n", "d"), lambda: os.utime(".", ns=(1, OLD))),
        [],
    ),
    Case(
        "folder renamed twice",
        tree,
        in_steps(lambda: os.rename("d", "n"), lambda: os.rename("n", "m")),
        [(b"", None), (b"m", b"d")],
    ),
    Case(
        "folder renamed, its mode changed",
        tree,
        in_steps(lambda: os.rename("d", "n"), lambda: os.chmod("n", 0o700)),
        [(b"", None), (b"n", b"d")],
    ),
    Case(
        "folder renamed over an empty one", tree, lambda: os.rename("e", "empty"), here(b"", b"e", b"e/b", b"empty/b")
    ),
    Case(
        "folder renamed, a new one in its place",
        tree,
        in_steps(lambda: os.rename("e", "n"), lambda: os.mkdir("e")),
        here(b"", b"e", b"e/b", b"n", b"n/b"),
    ),
    Case(
        "folder renamed, its folder as well",
        tree,
        in_steps(lambda: os.rename("d/s", "d/t"), lambda: os.rename("d", "n")),
        [(b"", None), (b"n", b"d"), *here(b"n/s", b"n/s/deep", b"n/t", b"n/t/deep")],
    ),
    Case(
        "folder renamed out of a renamed one",
        tree,
        in_steps(lambda: os.rename("d", "n"), lambda: os.rename("n/s", "t")),
        [(b"", None), (b"n", b"d"), *here(b"n/s", b"n/s/deep", b"t", b"t/deep")],
    ),
    Case(
        "folder renamed, then deleted",
        tree,
        in_steps(lambda: os.rename("d", "n"), lambda: remove_tree("n")),
        here(b"", b"d", b"d/a", b"d/s", b"d/s/deep"),
    ),
    Case(
        "folder with a name of a shared file renamed",
        lambda root: (tree(root), os.link(root / "f", root / "d/f")),
        lambda: os.rename("d", "n"),
        [(b"", None), (b"n", b"d")],
    ),
    Case(
        "folder with a name of a shared file renamed, the file changed",
        lambda root: (tree(root), os.link(root / "f", root / "d/f")),
        in_steps(lambda: os.rename("d", "n"), lambda: write("f", b"F")),
        [(b"", None), (b"f", None), (b"n", b"d"), (b"n/f", None)],
    ),
    Case(
        "a repository in it",
        lambda root: (
            tree(root),
            (root / "d/.git").mkdir(),
            (root / "d/.git/HEAD").write_text("ref"),
            (root / ".gitignore").write_text("build"),
        ),
        in_steps(lambda: os.mkdir("build"), lambda: write("build/o"), lambda: write("d/.git/HEAD", b"REF")),
        here(b"", b"build", b"build/o", b"d/.git/HEAD"),
    ),
]
