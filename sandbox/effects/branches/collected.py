"""What was found to have changed in a branch, and whether a policy lets it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.effects.branches.digest import root_of, states
from sandbox.effects.files.effects import resource
from sandbox.effects.files.entry import Change, Entry
from sandbox.effects.globs import PathGlob
from sandbox.model.effects import Difference


@dataclass(frozen=True, slots=True)
class Collected:
    """The changes of a branch, each folder before what is in it, and that right behind it.

    `foreign`: what somebody else changed in the workspace while the branch was open: `pre` is then not what the action
    saw, and nothing of it may be committed. `pre_root`, `post_root`: over the touched paths (`digest.py`). `bytes`: of
    contents that are new, without holes; `inodes`: entries that are there after it.
    """

    changes: tuple[Change, ...]
    foreign: tuple[Difference, ...]
    pre_root: str
    post_root: str
    bytes: int
    inodes: int


def collected(changes: Iterable[Change], foreign: Iterable[Difference] = ()) -> Collected:
    """Puts changes in order, and sums them up."""
    # A slash sorts before every other byte: what is in a folder then follows it with nothing in between.
    ordered = tuple(sorted(changes, key=lambda change: change.path.replace(b"/", b"\0")))
    before, after = states(ordered)
    written = sum(_new_bytes(change) for change in ordered)
    kept = sum(change.post is not None for change in ordered)
    return Collected(ordered, tuple(foreign), root_of(before), root_of(after), written, kept)


def _new_bytes(change: Change) -> int:
    post = change.post
    if post is None or (change.pre is not None and change.pre.content == post.content):
        return 0
    return post.size - sum(length for _, length in post.holes)


def since(previous: Collected, now: Collected) -> Collected:
    """What changed from one collection of a branch to a later one of the same branch.

    Raises ValueError where one of them tells of renamed folders: a rename of a rename cannot be told from them.
    """
    if any(change.moved_from is not None for each in (previous, now) for change in each.changes):
        raise ValueError("collections that follow each other are made without renames")
    first = {change.path: change for change in previous.changes}
    found = []
    for change in now.changes:
        before = first.pop(change.path, None)
        pre = before.post if before else change.pre
        if pre != change.post:
            found.append(Change(change.path, pre, change.post))
    # What is no longer a change is as it was at first.
    found += [Change(path, change.post, change.pre) for path, change in first.items()]
    return collected(found, now.foreign)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a policy lets an action change. `allow`, `deny`: globs of paths; `deny` wins. `bytes`, `inodes`: at most."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]
    bytes: int
    inodes: int


def refused(changes: Sequence[Change], rules: Rules) -> list[str]:
    """Why `rules` refuse these changes, by the names of the rules; empty where they allow them. Reads nothing.

    Whatever is in a folder that `deny` names is denied as well. Both paths of a rename count. A folder counts as
    changed only by more than its mtime, which follows from its entries. Globs: `PathGlob`.
    """
    found: dict[str, None] = {}
    allow, deny = [PathGlob(text) for text in rules.allow], [PathGlob(text) for text in rules.deny]
    for path in (path for change in changes for path in _paths(change)):
        text = path.decode(errors="backslashreplace")
        denied = next((glob.text for glob in deny if glob.matches_above(text)), None)
        if denied is not None:
            found[f"deny {denied!r}: {resource(path)}"] = None
        elif not any(glob.matches(text) for glob in allow):
            found[f"allow: {resource(path)} is in none of them"] = None
    written, inodes = sum(map(_new_bytes, changes)), sum(change.post is not None for change in changes)
    if written > rules.bytes:
        found[f"bytes: {written:,} written, {rules.bytes:,} allowed"] = None
    if inodes > rules.inodes:
        found[f"inodes: {inodes:,} changed, {rules.inodes:,} allowed"] = None
    return list(found)


def _paths(change: Change) -> tuple[bytes, ...]:
    if change.moved_from is not None:
        return (change.path, change.moved_from)
    if change.pre and change.post and change.pre.kind == "dir" and only_mtime(change.pre, change.post):
        return ()
    return (change.path,)


def only_mtime(one: Entry, other: Entry) -> bool:
    """Whether two entries of the same kind differ in nothing but their mtime."""
    return (one.kind, one.mode, one.uid, one.gid, one.xattrs) == (
        other.kind,
        other.mode,
        other.uid,
        other.gid,
        other.xattrs,
    ) and (one.size, one.content, one.target, one.links, one.nlink) == (
        other.size,
        other.content,
        other.target,
        other.links,
        other.nlink,
    )
