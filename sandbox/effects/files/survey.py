"""Looking at all that a transition is about, before anything of it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sandbox.effects.files.compare import same, unlike
from sandbox.effects.files.effects import resource
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.folders import AstrayError, Folders
from sandbox.effects.files.landed import Mark, Marks
from sandbox.effects.files.plan import Plan, Step, at_or_below
from sandbox.effects.files.read import read_with_stat
from sandbox.model.effects import Difference

# From this size on, a file that the kernel says was not touched since we left it is not read again.
WORTH_TRUSTING = 1 << 20
Seen = tuple[Entry, os.stat_result]


@dataclass
class Survey:
    """What there is. `wanted`: steps to write; `seen`: what stands at their sources, by number; `began_ns`: when."""

    wanted: list[Step] = field(default_factory=list)
    already: list[Step] = field(default_factory=list)
    seen: dict[int, Seen] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    began_ns: int = field(default_factory=time.time_ns)


def look(folders: Folders, path: bytes) -> Seen | None:
    """What stands at `path`; None for nothing. Raises AstrayError, UnsupportedError, OSError."""
    try:
        parent, name = folders.place(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return read_with_stat(parent, name)


def survey(root: int, steps: Sequence[Step], marks: Marks | None = None) -> Survey:
    """Compares each step's path with both sides. `marks`: of what was made when the side was last led to."""
    found = Survey()
    moved = {step.source for step in steps if step.moved}
    replaced = {step.target for step in steps if step.after and step.after.kind != "dir"}
    with Folders(root) as folders:
        for step in steps:
            # What stands there goes with a folder that is moved: it is not in the way.
            hidden = step.before is None and step.source == step.target and at_or_below(step.source, moved)
            try:
                _weigh(folders, step, found, marks[step.number] if marks else None, hidden=hidden)
            except AstrayError as astray:
                if step.before is None:
                    found.wanted.append(step)
                elif step.after is None and at_or_below(astray.path, replaced):
                    found.already.append(step)
                else:
                    found.differences += astray.differences
    return found


def _weigh(folders: Folders, step: Step, found: Survey, mark: Mark | None, *, hidden: bool) -> None:
    seen = _untouched(folders, step, mark) or look(folders, step.source)
    there = seen if step.source == step.target else look(folders, step.target)
    # Moved: what it would take to have been done is looked at first, but for a folder that is known to be ours.
    if _is(there, step.after) and not (step.moved and _is(seen, step.before) and _ours(folders, step, mark, seen)):
        found.already.append(step)
        return
    seen = None if hidden else seen
    if not same(step.before, seen[0] if seen else None):
        gone = step.source != step.target and step.after is None and seen is None and there is None
        if gone or same(step.after, there[0] if there else None):
            found.already.append(step)
        else:
            found.differences += [
                Difference(resource(step.target), each.facet, each.expected, each.found)
                for each in unlike(step.before, seen[0] if seen else None)
            ]
        return
    if seen is not None and step.before is not None:
        if not _ours(folders, step, mark, seen):
            found.differences.append(Difference(resource(step.target), "incarnation", "what was left there", "another"))
        for link in parted(folders, step.before.links, seen[1].st_ino):
            found.differences.append(Difference(resource(step.target), "links", f"a link to {link!r}", "none"))
        found.seen[step.number] = seen
    found.wanted.append(step)


def _is(seen: Seen | None, entry: Entry | None) -> bool:
    """Whether it is that entry, a folder's mtime included; for nothing, no claim is made."""
    if seen is None or entry is None:
        return False
    return same(entry, seen[0]) and entry.mtime_ns == seen[0].mtime_ns


def _ours(folders: Folders, step: Step, mark: Mark | None, seen: Seen | None) -> bool:
    return mark is None or seen is None or mark.is_of(seen[1], *folders.place(step.source))


def _untouched(folders: Folders, step: Step, mark: Mark | None) -> Seen | None:
    """A large file that nobody touched since it was left there, by its inode's times: it need not be read."""
    entry = step.before
    if mark is None or entry is None or entry.kind != "file" or entry.size < WORTH_TRUSTING or not mark.ctime:
        return None
    try:
        parent, name = folders.place(step.source)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if (status.st_ino, status.st_ctime_ns, status.st_mtime_ns) != (mark.inode, mark.ctime, entry.mtime_ns):
        return None
    return (replace(entry, links=(), nlink=status.st_nlink), status)


def parted(folders: Folders, links: Iterable[bytes], inode: int) -> Iterator[bytes]:
    """Those of `links` that are not that inode. Raises AstrayError, OSError."""
    for link in links:
        try:
            parent, name = folders.place(link)
            if os.stat(name, dir_fd=parent, follow_symlinks=False).st_ino == inode:
                continue
        except (FileNotFoundError, NotADirectoryError):
            pass
        yield link


def surroundings(root: int, plan: Plan, found: Survey) -> tuple[dict[bytes, os.stat_result], list[Difference]]:
    """The folders around what is written, and what in them stands in the way.

    A folder that goes must hold nothing but what goes as well; what arrives needs its folder.
    """
    around: dict[bytes, os.stat_result] = {}
    wrong: list[Difference] = []
    leaving: dict[bytes, set[bytes]] = {}
    for step in plan.out:
        parent, _, name = step.source.rpartition(b"/")
        leaving.setdefault(parent, set()).add(name)
    with Folders(root) as folders:
        for path in plan.folders:
            try:
                around[path] = os.fstat(folders.get(path))
            except (FileNotFoundError, NotADirectoryError):
                wrong.append(Difference(resource(path), "folder", "a folder", "none"))
            except AstrayError as astray:
                wrong += astray.differences
        for step in found.wanted:
            if step.before is None:
                continue
            goes = step.before.kind == "dir" and not step.moved and not (step.after and step.after.kind == "dir")
            if goes:
                names = {os.fsencode(name) for name in os.listdir(folders.get(step.source))}
                wrong += [
                    Difference(resource(step.source + b"/" + name), "kind", "nothing", "something new")
                    for name in sorted(names - leaving.get(step.source, set()))
                ]
            if plan.how[step.number] == "move" and look(folders, step.target):
                wrong.append(Difference(resource(step.target), "kind", "nothing", "something new"))
    return around, wrong
