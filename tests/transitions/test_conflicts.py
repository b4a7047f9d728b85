"""Somebody else was there: nothing is changed, and it is told what."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.effects.adapter import ConflictError
from sandbox.effects.files.effects import to_effect
from sandbox.model.effects import Effect
from tests.transitions import cases
from tests.transitions.world import Tree, World, changes


def refused(world: World, effects: list[Effect], landed: object = None) -> list[str]:
    """Undo is refused, and nothing whatever changes. The facets."""
    as_it_was = world.scan(keep=False)
    notes = list(world.notes)
    told = world.live.check(effects, "pre", landed)
    with pytest.raises(ConflictError) as conflict:
        world.to("pre", effects, landed)
    assert world.scan(keep=False) == as_it_was
    assert world.notes == notes
    assert [*conflict.value.differences] == told
    return [each.facet for each in told]


def _rewrite_in_place(root: Path) -> None:
    status = (root / "a").stat()
    with (root / "a").open("r+") as file:
        file.write("THIS")
    os.utime(root / "a", ns=(status.st_atime_ns, status.st_mtime_ns))


FOREIGN: dict[str, tuple[cases.Work, str]] = {
    "mode": (cases._mode(0o604), "mode"),
    "owner": (cases._owner(4, 0), "uid"),
    "group": (cases._owner(0, 4), "gid"),
    "mtime": (cases._mtime(3), "mtime_ns"),
    "xattr": (cases._xattr("user.other", b"1"), "xattrs"),
    "acl": (cases._xattr("system.posix_acl_access", cases.ACL), "xattrs"),
    "content of the same length and mtime": (_rewrite_in_place, "content"),
    "longer": (cases._append, "size"),
    "hard link": (cases._link("a", "elsewhere"), "nlink"),
    "removed": (cases._remove("a"), "kind"),
    "a folder": (cases._each(cases._remove("a"), cases._folder("a")), "kind"),
    "a link": (cases._each(cases._remove("a"), cases._symlink("b", "a")), "kind"),
    "a pipe": (cases._each(cases._remove("a"), lambda root: os.mkfifo(root / "a")), "kind"),
    "target": (cases._each(cases._remove("link"), cases._symlink("elsewhere", "link")), "target"),
    "hole": (cases._punch, "content"),
    "file in a new folder": (cases._text("theirs", "new/theirs"), "kind"),
    "in place of a new file": (cases._each(cases._remove("new/f"), cases._text("theirs", "new/f")), "size"),
    "folder's mode": (cases._mode(0o700, "new"), "mode"),
    "one of two links": (cases._each(cases._remove("l2"), cases._link("l1", "l3"), cases._text("l", "l2")), "links"),
    "what was deleted is there again": (cases._text("theirs", "b"), "kind"),
    "a link in place of a folder": (
        cases._each(cases._rename("d", "moved"), cases._symlink("moved", "d")),
        "folder",
    ),
    "a folder moved away": (cases._rename("d", "gone"), "kind"),
    "a file in place of a folder": (cases._each(cases._rename("d", "moved"), cases._text("f", "d")), "kind"),
}


def _before(root: Path) -> None:
    cases._files(root)
    cases._text("z" * 262144, "sparse")(root)


_WORK = cases._each(
    cases._text("changed"),
    cases._remove("b", "link"),
    cases._symlink("b", "link"),
    cases._text("y" * 262144, "sparse"),
    cases._folder("new"),
    cases._text("f", "new/f"),
    cases._text("l", "l1"),
    cases._link("l1", "l2"),
    cases._text("xx", "d/x"),
)


@pytest.mark.parametrize(("foreign", "facet"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_write_is_a_conflict_and_changes_nothing(here: World, foreign: cases.Work, facet: str) -> None:
    _before(here.root)
    _, _, effects = here.did(_WORK)
    foreign(here.root)
    assert facet in refused(here, effects)


def test_what_is_made_again_with_the_same_bytes_and_times_is_not_ours(here: World) -> None:
    _, _, effects = here.did(cases._text("mine", "new"))
    here.to("pre", effects)
    landed = here.to("post", effects).landed
    path = here.root / "new"
    status = path.stat()
    path.rename(here.root / "kept")
    path.write_text("mine")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert here.live.verify(effects, "post") == []
    assert refused(here, effects, landed) == ["incarnation"]
    assert here.live.check(effects, "pre") == []


def test_a_large_file_that_was_written_since_is_a_conflict_though_it_is_not_read_again(here: World) -> None:
    _, _, effects = here.did(cases._text("x" * (3 << 20), "large"))
    here.to("pre", effects)
    landed = here.to("post", effects).landed
    path = here.root / "large"
    status = path.stat()
    with path.open("r+") as file:
        file.seek(1 << 20)
        file.write("y")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert refused(here, effects, landed) == ["content"]


def but_folders_times(world: World) -> Tree:
    """All but the stage, and when folders changed: work in them within the same moment cannot be told from ours."""
    return {
        path: replace(entry, mtime_ns=0) if entry.kind == "dir" else entry
        for path, entry in world.scan(keep=False).items()
        if not path.startswith(b".sandbox")
    }


def test_somebody_who_comes_between_the_look_and_the_rename_keeps_what_is_his(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.effects.files import kernel, live

    told = []
    for name, (foreign, _) in FOREIGN.items():
        cases_root = here.root
        for each in os.listdir(cases_root):
            os.system(f"rm -rf '{cases_root / each}'")
        _before(cases_root)
        _, _, effects = here.did(_WORK)
        real, seen = live.kernel.sync, list[Tree]()

        def sync(
            fd: int, real: Callable[[int], None] = real, foreign: cases.Work = foreign, seen: list[Tree] = seen
        ) -> None:
            if not seen:
                foreign(here.root)
                seen.append(but_folders_times(here))
            real(fd)

        monkeypatch.setattr(kernel, "sync", sync)
        try:
            here.to("pre", effects)
        except ConflictError:
            told.append(name)
        monkeypatch.setattr(kernel, "sync", real)
        assert but_folders_times(here) == seen[0], name
    assert told == [*FOREIGN]


_STATES = {
    "same": None,
    "created": cases._text("theirs", "t"),
    "modified": cases._text("theirs, longer", "t"),
    "deleted": lambda root: (root / "t").unlink() if (root / "t").is_file() else (root / "t").rmdir(),
    "typechanged": cases._each(
        lambda root: (root / "t").unlink() if (root / "t").is_file() else (root / "t").rmdir(),
        cases._folder("t"),
    ),
}


# What is not there cannot be changed, and what is there cannot be created.
_MEETINGS = [("created", "same"), ("created", "created")] + [
    (changed, local)
    for changed in ("modified", "deleted", "typechanged")
    for local in ("same", "modified", "deleted", "typechanged")
]


@pytest.mark.parametrize(("changed", "local"), _MEETINGS)
def test_every_change_meets_every_local_state(here: World, changed: str, local: str) -> None:
    """What the action did, by what somebody did meanwhile to the workspace that it was branched from."""
    target = here.root / "t"
    if changed != "created":
        target.write_text("as it was")
    work = {
        "created": cases._text("mine", "t"),
        "modified": cases._text("mine, and longer", "t"),
        "deleted": cases._remove("t"),
        "typechanged": cases._each(cases._remove("t"), cases._symlink("x", "t")),
    }[changed]
    base = here.scan()
    work(here.root)
    after = here.scan()
    effects = [to_effect(change) for change in changes(base, after, {})]
    here.to("pre", effects)
    assert here.scan() == base
    foreign = _STATES[local]
    if foreign is None:
        here.to("post", effects)
        assert here.scan() == after
        return
    foreign(here.root)
    as_it_was = here.scan()
    if changed == local == "deleted":
        applied = here.to("post", effects)
        assert b"t" not in here.scan()
        assert applied.already >= 1
        return
    with pytest.raises(ConflictError):
        here.to("post", effects)
    assert here.scan() == as_it_was


def test_what_somebody_did_already_counts_as_done(here: World) -> None:
    cases._each(cases._files, cases._mtime(5, "."))(here.root)
    before, _, effects = here.did(cases._each(cases._remove("a"), cases._text("n", "n")))
    (here.root / "n").unlink()
    applied = here.to("pre", effects)
    assert (applied.already >= 1, applied.written >= 1) == (True, True)
    found = here.scan()
    assert found.pop(b"").mtime_ns != before[b""].mtime_ns
    del before[b""]
    assert found == before
    assert any("mtime" in each for each in applied.residue)


def test_work_of_others_in_the_same_folder_is_no_conflict_and_stays(here: World) -> None:
    cases._files(here.root)
    _, _, effects = here.did(cases._each(cases._text("mine", "d/mine"), cases._remove("d/x")))
    cases._text("theirs", "d/theirs")(here.root)
    left = here.scan()[b"d"].mtime_ns
    applied = here.to("pre", effects)
    assert applied.residue == ("files:d: mtime, since others worked in the folder",)
    found = here.scan()
    assert b"d/theirs" in found and b"d/x" in found and b"d/mine" not in found
    # As they left it.
    assert found[b"d"].mtime_ns == left
    assert here.live.verify(effects, "pre") == []


def test_contents_that_the_store_lost_are_refused_by_name(here: World) -> None:
    from sandbox.effects.adapter import UnsupportedError

    (here.root / "a").write_text("only here")
    _, _, effects = here.did(cases._remove("a"))
    here.blobs.sweep((), 1 << 62)
    with pytest.raises(UnsupportedError, match="'a' are no longer in the store"):
        here.to("pre", effects)


def test_a_change_alone_undone_twice_is_undone_once(here: World) -> None:
    (here.root / "a").write_text("a")
    before, _, effects = here.did(cases._mode(0o600))
    assert here.to("pre", effects).written == 1
    again = here.to("pre", effects)
    assert (again.written, again.already) == (0, 1)
    assert here.scan() == before


def test_change_of_nothing_is_nothing(here: World) -> None:
    assert here.to("pre", []).written == 0
    assert here.notes == []
