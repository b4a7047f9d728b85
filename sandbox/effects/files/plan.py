"""From changes to the order of operations. Pure: nothing of the disk is looked at.

Everything that leaves its place goes out first, what is below a folder before it, then everything that arrives comes
in, folders first; both by renames, to and from the stage, that can be taken back one by one. What stands at the same
path before and after is exchanged in one step, so that the path never is empty. Folders, and files whose bytes stay,
keep their inode and are changed in place. That order needs no case for swaps, chains of moves, or a folder that
becomes a file.

Folders' mtimes: where a folder is as it was left, it gets the recorded one; where others worked in it meanwhile, its
mtime stays what they made it, and is named as residue. What the renames here do to it, or to folders that are part of
no change, is put back. So actions on disjoint paths do not disturb each other.

Hard links: within the workspace groups are restored as groups. A file that has other names outside of the workspace is
parted from them when it is written, never written through: nothing outside of the workspace changes. Residue, too.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.files.compare import dressed_alike, has_links_outside, same_stuff
from sandbox.effects.files.entry import Change, Entry
from sandbox.model.effects import Side

STAGE = b".sandbox-stage-"
# make: nothing stood there. take: nothing will. swap: another object. keep: the same one, changed in place.
# move: a folder from another path. relay: such a one, by way of the stage, since something else stands in its way.
How = Literal["make", "take", "swap", "keep", "move", "relay"]


@dataclass(frozen=True, slots=True)
class Step:
    """One path, led from one side to the other. `number`: of its change.

    `source`, `target`: its path before and after; they differ for a folder that is moved, and for what is below one.
    """

    number: int
    source: bytes
    target: bytes
    before: Entry | None
    after: Entry | None
    moved: bool


@dataclass(frozen=True)
class Plan:
    """What to do with the steps that are to be written, by number, in order.

    `out`, `into`: by renames. `keep`: what is changed in place afterwards. `anchors`: for a step whose file has to be a
    hard link of another, that one's path before, or the number of its step where it is a new one, too. `folders`: all
    that exist before and after and whose mtime has to be set in the end, by the path before, and the path after; the
    deepest first. `fresh`: folders that are new, and get their mtime then as well. `gone`: folders that go, whose
    mtime is put back where all is taken back.
    """

    how: Mapping[int, How]
    out: Sequence[Step]
    into: Sequence[Step]
    keep: Sequence[Step]
    anchors: Mapping[int, bytes | int]
    folders: Mapping[bytes, bytes]
    fresh: Sequence[Step]
    gone: Sequence[Step]


def steps(changes: Sequence[Change], to: Side) -> list[Step]:
    """The changes as steps to one side. Raises UnsupportedError for paths that no change may have."""
    for change in changes:
        for path in (change.path, change.moved_from or b""):
            _refuse(path)
    moves = {change.path: change.moved_from for change in changes if change.moved_from is not None}
    found = []
    for number, change in enumerate(changes):
        old = change.moved_from if change.moved_from is not None else carried(change.path, moves)
        moved = change.moved_from is not None
        if to == "post":
            found.append(Step(number, old, change.path, change.pre, change.post, moved))
        else:
            found.append(Step(number, change.path, old, change.post, change.pre, moved))
    return found


def carried(path: bytes, moves: Mapping[bytes, bytes]) -> bytes:
    """Where `path` is when the folders above it were moved: the nearest of them decides."""
    if not moves:
        return path
    above = path
    while b"/" in above:
        above = above[: above.rindex(b"/")]
        if above in moves:
            return moves[above] + path[len(above) :]
    return path


def at_or_below(path: bytes, tops: Set[bytes]) -> bool:
    """Whether it is one of `tops`, or below one."""
    if not tops:
        return False
    return path in tops or any(above in tops for above in _above(path))


def plan(wanted: Sequence[Step]) -> Plan:
    """The order for those steps."""
    anchors, parted = _groups(wanted)
    how = _ways(wanted, parted)
    out = [step for step in wanted if how[step.number] in ("take", "move", "relay")]
    into = [step for step in wanted if how[step.number] in ("make", "swap", "relay")]
    keep = [step for step in wanted if how[step.number] in ("keep", "move", "relay")]
    fresh = [step for step in into if not step.moved and _becomes_folder(step)]
    gone = [
        step for step in wanted if step.before and step.before.kind == "dir" and how[step.number] in ("take", "swap")
    ]
    # In the order of their names, what is below a folder comes after it.
    out.sort(key=lambda step: step.source, reverse=True)
    into.sort(key=lambda step: step.target)
    fresh.sort(key=lambda step: step.target, reverse=True)
    return Plan(how, out, into, keep, anchors, _folders(wanted, [*out, *into]), fresh, gone)


def mtime_after(step: Step | None, was: int) -> int:
    """The mtime that a folder gets, which had `was` before anything was done here: the rule at the top."""
    if step is not None and step.before is not None and step.after is not None and step.before.mtime_ns == was:
        return step.after.mtime_ns
    return was


def _ways(wanted: Sequence[Step], parted: Container[int]) -> dict[int, How]:
    leaving = {step.source for step in wanted if step.moved or step.after is None}
    # What stands at or below these, before all is done, is not what will stand there.
    unstable = {step.source for step in wanted if step.moved}
    unstable |= {step.target for step in wanted if step.moved or _becomes_folder(step)}
    found: dict[int, How] = {}
    for step in wanted:
        if step.moved:
            free = step.target not in leaving and not any(each in unstable for each in _above(step.target))
            found[step.number] = "move" if free else "relay"
        elif step.before is None:
            found[step.number] = "make"
        elif step.after is None:
            found[step.number] = "take"
        else:
            found[step.number] = "keep" if step.number not in parted and _keeps(step) else "swap"
    return found


def _keeps(step: Step) -> bool:
    """Whether the inode can stay. What has links outside is not dressed anew through one of them."""
    before, after = step.before, step.after
    if before is None or after is None or step.moved or not same_stuff(before, after):
        return False
    alike = dressed_alike(before, after)
    return alike if before.kind not in ("file", "dir") or has_links_outside(before) else True


def _groups(wanted: Sequence[Step]) -> tuple[dict[int, bytes | int], set[int]]:
    """What each hard link is made of, and which steps cannot keep their inode.

    An inode stays with one group: the first, in the order of paths, that has a member which can keep it.
    """
    back = {step.target: step.source for step in wanted if step.moved}
    members = {step.target: step for step in wanted if step.after is not None and step.after.kind != "dir"}
    anchors: dict[int, bytes | int] = {}
    parted: set[int] = set()
    given: dict[bytes, bytes] = {}
    done: set[bytes] = set()
    for path in sorted(members):
        group = _group(members[path])
        if path in done or not group:
            continue
        done.update(group)
        ours = [members[each] for each in group if each in members]
        strangers = [carried(each, back) for each in group if each not in members]
        anchor: bytes | int | None = strangers[0] if strangers else None
        if anchor is not None:
            stay = {step.number for step in ours if _keeps(step) and step.before and anchor in step.before.links}
        else:
            stay = set()
            for step in ours:
                if _keeps(step) and given.setdefault(_inode(step), path) == path:
                    anchor = step.source
                    stay = {each.number for each in ours if _keeps(each) and _inode(each) == _inode(step)}
                    break
        for step in ours:
            if step.number in stay:
                continue
            parted.add(step.number)
            if anchor is None:
                anchor = step.number
            else:
                anchors[step.number] = anchor
    return anchors, parted


def _group(step: Step) -> list[bytes]:
    """The paths that are one file with the step's, after; nothing where it is alone, before as well."""
    links = step.after.links if step.after else ()
    return sorted({step.target, *links}) if links or (step.before and step.before.links) else []


def _inode(step: Step) -> bytes:
    """A name for the inode that stands there before."""
    return min(step.source, *step.before.links) if step.before and step.before.links else step.source


def _becomes_folder(step: Step) -> bool:
    was = step.before is not None and step.before.kind == "dir"
    return step.after is not None and step.after.kind == "dir" and not was


def _folders(wanted: Sequence[Step], renamed: Sequence[Step]) -> dict[bytes, bytes]:
    forth = {step.source: step.target for step in wanted if step.moved}
    back = {step.target: step.source for step in wanted if step.moved}
    gone = {step.source for step in wanted if not step.moved and not (step.after and step.after.kind == "dir")}
    new = {step.target for step in wanted if _becomes_folder(step)}
    # The stage comes and goes in the root.
    found = {b"": b""}
    for step in wanted:
        if step.before and step.after and step.before.kind == step.after.kind == "dir":
            found[step.source] = step.target
    for step in renamed:
        above = _parent(step.source)
        if step.before and above not in gone:
            found[above] = forth.get(above) or carried(above, forth)
        above = _parent(step.target)
        if step.after and above not in new:
            found[back.get(above) or carried(above, back)] = above
    return dict(sorted(found.items(), key=lambda item: item[1], reverse=True))


def _parent(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _above(path: bytes) -> Iterator[bytes]:
    while path := _parent(path):
        yield path


def _refuse(path: bytes) -> None:
    if path.startswith(STAGE):
        raise UnsupportedError(f"{os.fsdecode(path)!r} has a name that is kept for what is being restored")
    walled = b"/%s/" % path
    if path and any(part in walled for part in (b"//", b"/./", b"/../")):
        raise UnsupportedError(f"{os.fsdecode(path)!r} is no path beneath the workspace")
    if b"\0" in path:
        raise UnsupportedError(f"{os.fsdecode(path)!r} is no path: it holds a zero byte")
