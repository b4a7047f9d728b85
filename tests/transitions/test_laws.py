"""Laws, over trees and work at random, on real folders."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.effects.adapter import ConflictError
from sandbox.effects.blobs import Blobs
from tests.transitions.world import World, world

_MEMORY = Path("/dev/shm")
_NAMES = st.sampled_from(["a", "b", "c", "d"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_OPS = st.one_of(
    st.tuples(st.just("write"), _PATHS, st.sampled_from(["", "x", "other", "y" * 5000])),
    st.tuples(st.just("append"), _PATHS, st.sampled_from(["more", "z" * 9000])),
    st.tuples(st.just("folder"), _PATHS, st.just("")),
    st.tuples(st.just("remove"), _PATHS, st.just("")),
    st.tuples(st.just("symlink"), _PATHS, _PATHS),
    st.tuples(st.just("link"), _PATHS, _PATHS),
    st.tuples(st.just("rename"), _PATHS, _PATHS),
    st.tuples(st.just("mode"), _PATHS, st.sampled_from(["600", "4755", "2770", "0"])),
    st.tuples(st.just("owner"), _PATHS, st.sampled_from(["0", "1001", "3000000000"])),
    st.tuples(st.just("mtime"), _PATHS, st.sampled_from(["0", "123456789123456789"])),
    st.tuples(st.just("xattr"), _PATHS, st.sampled_from(["1", "22"])),
    st.tuples(st.just("pipe"), _PATHS, st.just("")),
    st.tuples(st.just("hole"), _PATHS, st.just("")),
)
_WORK = st.lists(_OPS, min_size=1, max_size=12)
_TREE = st.lists(_OPS, max_size=25)
Ops = list[tuple[str, str, str]]
# `LAW_EXAMPLES=10000` for a long search.
_SETTINGS = settings(
    max_examples=int(os.environ.get("LAW_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def work(root: Path, ops: Ops, below: str = "") -> None:
    """Does what can be done of `ops`."""
    for op, path, more in ops:
        with suppress(OSError):
            _one(root, op, root / below / path, more, below)


def _one(root: Path, op: str, path: Path, more: str, below: str) -> None:
    if op == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(more)
    elif op == "append":
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK)
        os.write(fd, more.encode())
        os.close(fd)
    elif op == "folder":
        path.mkdir(parents=True)
    elif op == "remove":
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    elif op == "symlink":
        os.symlink(more, path)
    elif op == "link":
        os.link(path, root / below / more, follow_symlinks=False)
    elif op == "rename":
        os.rename(path, root / below / more)
    elif op == "mode" and not path.is_symlink():
        path.chmod(int(more, 8))
    elif op == "owner":
        os.chown(path, int(more), int(more), follow_symlinks=False)
    elif op == "mtime":
        os.utime(path, ns=(int(more), int(more)), follow_symlinks=False)
    elif op == "xattr":
        os.setxattr(path, "user.law", more.encode(), follow_symlinks=False)
    elif op == "pipe":
        os.mkfifo(path)
    elif op == "hole" and not path.is_symlink():
        os.truncate(path, 3 << 16)


@pytest.fixture(scope="module")
def store() -> Iterator[Blobs]:
    folder = Path(tempfile.mkdtemp(prefix="transitions-", dir=_MEMORY if _MEMORY.exists() else None))
    blobs = Blobs(folder / "blobs", 1 << 34)
    yield blobs
    blobs.close()
    shutil.rmtree(folder)


@contextmanager
def fresh(store: Blobs) -> Iterator[World]:
    with tempfile.TemporaryDirectory(dir=store.folder.parent) as folder, world(Path(folder), store) as made:
        yield made


@given(tree=_TREE, ops=_WORK)
@_SETTINGS
def test_undo_takes_back_what_was_done_and_redo_brings_it_again(store: Blobs, tree: Ops, ops: Ops) -> None:
    with fresh(store) as here:
        work(here.root, tree)
        before, after, effects = here.did(lambda root: work(root, ops))
        undone = here.to("pre", effects)
        assert here.scan() == before
        assert here.to("pre", effects, undone.landed).written == 0
        assert here.scan() == before
        redone = here.to("post", effects, undone.landed)
        assert here.scan() == after
        assert here.live.verify(effects, "post") == []
        here.to("pre", effects, redone.landed)
        assert here.scan() == before


@given(tree=_TREE, one=_WORK, other=_WORK)
@_SETTINGS
def test_disjoint_actions_commute(store: Blobs, tree: Ops, one: Ops, other: Ops) -> None:
    with fresh(store) as here:
        for below in ("x", "y"):
            (here.root / below).mkdir()
            work(here.root, tree, below)
        before, _, first = here.did(lambda root: work(root, one, "x"))
        _, both, second = here.did(lambda root: work(root, other, "y"))
        here.to("pre", first)
        # As if only the second had been: nothing below y changed.
        alone = here.scan()
        assert {p: e for p, e in alone.items() if p[:1] == b"y"} == {p: e for p, e in both.items() if p[:1] == b"y"}
        assert {p: e for p, e in alone.items() if p[:1] == b"x"} == {p: e for p, e in before.items() if p[:1] == b"x"}
        here.to("pre", second)
        assert here.scan() == before
        here.to("post", second)
        here.to("post", first)
        assert here.scan() == both
        here.to("pre", second)
        here.to("pre", first)
        assert here.scan() == before


@given(tree=_TREE, ops=_WORK, pick=st.integers(0, 1 << 16), how=st.sampled_from(["write", "mode", "remove", "mtime"]))
@_SETTINGS
def test_a_foreign_write_to_anything_that_was_changed_is_a_conflict(
    store: Blobs, tree: Ops, ops: Ops, pick: int, how: str
) -> None:
    with fresh(store) as here:
        work(here.root, tree)
        _, _, effects = here.did(lambda root: work(root, ops))
        there = [each for each in effects if each.post is not None and each.post["kind"] == "file"]
        if not there:
            return
        path = here.root / there[pick % len(there)].post["path"]
        if how == "write":
            path.write_text("theirs, and like nothing else")
        elif how == "mode":
            path.chmod(0o7)
        elif how == "mtime":
            os.utime(path, ns=(1, 1))
        else:
            path.unlink()
        as_it_was = here.scan()
        if how == "remove" and there[pick % len(there)].pre is None:
            # What undo would have removed is not there: no conflict by itself.
            with suppress(ConflictError):
                here.to("pre", effects)
            return
        with pytest.raises(ConflictError):
            here.to("pre", effects)
        assert here.scan() == as_it_was
