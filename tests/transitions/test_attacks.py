"""Who can write in the workspace tries to make the server write elsewhere, or believe what is not so."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from sandbox.effects.adapter import ConflictError, UnsupportedError
from sandbox.effects.files import kernel
from sandbox.effects.files.effects import to_effect
from sandbox.effects.files.entry import Change
from sandbox.effects.files.plan import STAGE
from sandbox.effects.files.recovery import UnfinishedError
from sandbox.effects.files.staging import Ready, Stage
from tests.transitions import cases
from tests.transitions.faults import dies_at
from tests.transitions.world import Tree, World, scan

_WORK = cases._each(
    cases._text("changed", "d/x"), cases._text("new", "d/new"), cases._remove("d/y"), cases._mode(0o4755, "d/e/z")
)


@pytest.fixture
def outside(memory: Path) -> Path:
    """A folder of somebody else's that looks like the workspace's."""
    folder = memory / "outside"
    cases._files_below(folder)
    return folder


def but_link(tree: Tree) -> Tree:
    """What the attacker made, and when he did, left out."""
    return {path: entry for path, entry in tree.items() if path not in (b"", b"link2")}


def test_a_link_in_place_of_a_folder_is_never_followed(here: World, outside: Path) -> None:
    cases._files(here.root)
    _, _, effects = here.did(_WORK)
    untouched = scan(outside)
    os.rename(here.root / "d", here.root / "away")
    for target in (outside, "../outside", "away", f"/proc/self/fd/{os.open(outside, os.O_RDONLY)}"):
        os.symlink(target, here.root / "d")
        with pytest.raises(ConflictError):
            here.to("pre", effects)
        (here.root / "d").unlink()
    assert scan(outside) == untouched


def test_a_link_that_comes_and_goes_all_the_time_is_never_followed(here: World, outside: Path) -> None:
    cases._files(here.root)
    before, _, effects = here.did(_WORK)
    untouched = scan(outside)
    os.symlink(outside, here.root / "link2")
    over = threading.Event()

    def attack() -> None:
        while not over.is_set():
            fd = os.open(here.root, os.O_RDONLY)
            kernel.rename(fd, b"d", fd, b"link2", kernel.EXCHANGE)
            kernel.rename(fd, b"d", fd, b"link2", kernel.EXCHANGE)
            os.close(fd)

    attacker = threading.Thread(target=attack)
    attacker.start()
    done = refused = 0
    try:
        for turn in range(200):
            try:
                here.to("pre" if turn % 2 == 0 else "post", effects)
                done += 1
            except (ConflictError, UnfinishedError, OSError):
                refused += 1
    finally:
        over.set()
        attacker.join()
    assert scan(outside) == untouched
    assert refused > 0
    # Whatever it was kept from putting back, recovery does.
    if Stage.leftovers(os.open(here.root, os.O_RDONLY)):
        here.live.recover(here.notes[-1][1], here.note)
    here.to("pre", effects)
    assert but_link(here.scan()) == but_link(before)


def test_a_folder_exchanged_during_promotion_gets_nothing(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cases._files(here.root)
    _, after, effects = here.did(_WORK)
    shutil.copytree(here.root / "d", here.root / "twin", symlinks=True)
    twin = {path: entry for path, entry in here.scan().items() if path.startswith(b"twin")}
    real = kernel.sync

    def sync(fd: int) -> None:
        real(fd)
        top = os.open(here.root, os.O_RDONLY)
        kernel.rename(top, b"d", top, b"twin", kernel.EXCHANGE)
        os.close(top)
        monkeypatch.setattr(kernel, "sync", real)

    monkeypatch.setattr(kernel, "sync", sync)
    with pytest.raises(ConflictError):
        here.to("pre", effects)
    found = here.scan()
    assert {p.replace(b"d", b"twin", 1): e for p, e in found.items() if p.split(b"/")[0] == b"d"} == twin
    ours = {p.replace(b"twin", b"d", 1): e for p, e in found.items() if p.split(b"/")[0] == b"twin"}
    assert ours == {p: e for p, e in after.items() if p.split(b"/")[0] == b"d"}


@pytest.mark.parametrize(
    "path",
    [
        STAGE + b"x",
        STAGE + b"0" * 32,
        STAGE + b"0" * 32 + b"/n0",
        b"../out",
        b"a/../../out",
        b"/etc/x",
        b"a//b",
        b"./a",
        b"a\0b",
    ],
)
@pytest.mark.parametrize("side", ["pre", "post"])
def test_paths_that_no_change_may_have_are_refused(here: World, path: bytes, side: str) -> None:
    (here.root / "a").write_text("a")
    entry = here.scan()[b"a"]
    for change in (Change(path, None, entry), Change(path, entry, None), Change(b"x", entry, entry, path)):
        with pytest.raises(UnsupportedError):
            here.to(side, [to_effect(change)])
    assert os.listdir(here.root) == ["a"]


def test_a_stage_that_somebody_else_made_is_not_believed_and_not_removed(here: World) -> None:
    """Else a user of the workspace could have files of his made to belong to root."""
    cases._files(here.root)
    _, _, effects = here.did(cases._text("changed"))
    name = STAGE + secrets.token_hex(16).encode()
    fake = here.root / name.decode()
    fake.mkdir(0o777)
    (fake / "ready").write_text("[[],[],[],[]]")
    os.chown(fake, 1001, 1001)
    here.to("pre", effects)
    assert (fake / "ready").exists()
    begun = {"to": "post", "backend": "files", "effects": "0" * 64, "stage": name.decode(), "root_mtime_ns": "0"}
    begun |= {"already": [], "moved": []}
    begun["effects"] = here.blobs.put_bytes(b"")
    with pytest.raises(UnsupportedError, match="was not made by this server"):
        here.live.recover(begun, here.note)


def test_what_lies_in_a_stage_is_compared_before_recovery_puts_it_anywhere(here: World) -> None:
    """The stage of a server that died, filled anew by whoever could."""
    cases._files(here.root)
    before, after, effects = here.did(cases._each(cases._text("changed"), cases._text("too", "b")))
    for at in range(1, 60):
        ended = dies_at(at, here.root, here.blobs.folder, lambda live, note: live.apply(effects, "pre", note))
        names = Stage.leftovers(os.open(here.root, os.O_RDONLY))
        stage = here.root / os.fsdecode(names[0]) if names else None
        begun = [body for kind, body in ended.notes if kind == "transition"]
        if stage and (stage / "ready").exists() and here.scan()[b"a"] not in (after[b"a"],):
            for each in stage.iterdir():
                if each.name != "ready" and here.scan(keep=False)[b"b"] == after[b"b"]:
                    each.write_text("#!/bin/sh evil")
                    each.chmod(0o4755)
            side = here.live.recover(begun[0], here.note)
            found = here.scan()
            for path in (b"a", b"b"):
                assert found[path] in (before[path], after[path])
                assert found[path].mode & 0o4000 == 0
            assert side in ("pre", "post")
            return
        if begun:
            side = here.live.recover(begun[0], here.note)
            if side == "pre":
                here.to("post", effects)
    pytest.fail("no step was between the two renames")


def test_a_list_of_inodes_that_is_nonsense_stops_recovery(here: World) -> None:
    cases._files(here.root)
    _, _, effects = here.did(cases._text("changed"))
    for at in range(5, 60):
        ended = dies_at(at, here.root, here.blobs.folder, lambda live, note: live.apply(effects, "pre", note))
        names = Stage.leftovers(os.open(here.root, os.O_RDONLY))
        ready = here.root / os.fsdecode(names[0]) / "ready" if names else None
        if ready and ready.exists():
            break
        for _, body in ended.notes:
            here.live.recover(body, here.note)
    else:
        pytest.fail("nothing was ready")
    begun = dict(ended.notes)["transition"]
    kept = ready.read_text()
    for text in ("[[],[],[],[]]", "[[],[[0,1]],[],[]]"):
        ready.write_text(text)
        with pytest.raises(UnfinishedError):
            here.live.recover(begun, here.note)
    with pytest.raises(UnfinishedError):
        here.to("pre", effects)
    ready.write_text(kept)
    here.live.recover(begun, here.note)
    for text in ("", "{", "[1]", '[["x"],[],[],[]]', "[" * 4000, kept[:-9]):
        stage = Stage.make(os.open(here.root, os.O_RDONLY), Stage.new_name())
        stage.write(Ready([], {}, {}, []))
        (here.root / os.fsdecode(stage.name) / "ready").write_text(text)
        assert stage.read(3) is None
        Stage.discard(os.open(here.root, os.O_RDONLY), stage.name)


@pytest.mark.jail
def test_a_mount_in_the_workspace_is_refused_by_name(here: World) -> None:
    cases._files(here.root)
    _, _, effects = here.did(_WORK)
    libc = ctypes.CDLL(None, use_errno=True)
    target = os.fsencode(here.root / "d")
    for source, kind, flags in ((b"none", b"tmpfs", 0), (os.fsencode(here.root / "d"), b"", 4096)):
        assert libc.mount(source, target, kind, flags, None) == 0, os.strerror(ctypes.get_errno())
        try:
            with pytest.raises(UnsupportedError, match=r"'d(/e)?' is on another mount"):
                here.to("pre", effects)
        finally:
            assert libc.umount2(target, 0) == 0
    file = os.fsencode(here.root / "d/x")
    assert libc.mount(file, file, None, 4096, None) == 0
    as_it_was = here.scan()
    try:
        with pytest.raises(UnsupportedError, match="'d/x' is a mount"):
            here.to("pre", effects)
        assert here.scan() == as_it_was
    finally:
        assert libc.umount2(file, 0) == 0


def test_nothing_outside_is_changed_through_a_hard_link(here: World, memory: Path) -> None:
    """It is parted from, and that is told."""
    path = memory / "theirs"
    path.write_text("theirs")
    os.link(path, here.root / "mine")
    before, after, effects = here.did(cases._each(lambda root: (root / "mine").unlink(), cases._text("mine", "mine")))
    applied = here.to("pre", effects)
    assert here.scan()[b"mine"].content == before[b"mine"].content
    assert (path.read_text(), path.stat().st_nlink) == ("theirs", 1)
    assert here.live.verify(effects, "pre") == []
    redone = here.to("post", effects, applied.landed)
    assert redone.residue == ("files:mine: no longer the same file as its links outside of the workspace",)
    assert path.read_text() == "theirs"
    assert here.scan()[b"mine"] == after[b"mine"]


def test_a_chmod_of_a_file_with_a_link_outside_stays_inside(here: World, memory: Path) -> None:
    path = memory / "theirs"
    path.write_text("theirs")
    os.link(path, here.root / "mine")
    _, after, effects = here.did(cases._mode(0o4755, "mine"))
    path.unlink()
    os.link(here.root / "mine", path)
    here.to("pre", effects)
    assert path.stat().st_mode & 0o7777 == 0o4755
    assert (here.root / "mine").stat().st_mode & 0o7777 == 0o644
    assert after[b"mine"].nlink == 2


@pytest.mark.parametrize("flag", ["+i", "+a"])
@pytest.mark.jail
def test_immutable_and_append_only_files_are_refused_and_all_is_put_back(on_disk: World, flag: str) -> None:
    cases._files(on_disk.root)
    _, _, effects = on_disk.did(cases._each(cases._text("one", "a"), cases._text("two", "b"), cases._remove("d/x")))
    subprocess.run(["chattr", flag, on_disk.root / "b"], check=True)
    as_it_was = on_disk.scan()
    try:
        with pytest.raises(PermissionError):
            on_disk.to("pre", effects)
        assert on_disk.scan() == as_it_was
    finally:
        subprocess.run(["chattr", flag.replace("+", "-"), on_disk.root / "b"], check=True)


@pytest.mark.jail
def test_a_full_disk_leaves_everything_as_it_was(memory: Path) -> None:
    image, mount = memory / "image", memory / "mount"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(24 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, mount], check=True)
    try:
        here = World(mount)
        try:
            (here.root / "large").write_bytes(os.urandom(5 << 20))
            (here.root / "small").write_text("small")
            _, _, effects = here.did(cases._each(cases._remove("large"), cases._text("other", "small")))
            fd = os.open(mount / "filler", os.O_WRONLY | os.O_CREAT)
            with pytest.raises(OSError, match="No space"):
                while True:
                    os.write(fd, b"\1" * (1 << 16))
            os.close(fd)
            as_it_was = here.scan(keep=False)
            with pytest.raises(OSError, match="No space"):
                here.to("pre", effects)
            assert here.scan(keep=False) == as_it_was
            (mount / "filler").unlink()
            assert here.to("pre", effects).written >= 2
        finally:
            here.close()
    finally:
        subprocess.run(["umount", mount], check=True)
