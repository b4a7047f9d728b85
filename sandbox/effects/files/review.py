"""Looking again, after: whether everything is where it was led, and which inodes it is."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.effects.files.compare import Unlike, unlike
from sandbox.effects.files.effects import resource
from sandbox.effects.files.folders import AstrayError, Folders
from sandbox.effects.files.kernel import birth
from sandbox.effects.files.landed import Mark
from sandbox.effects.files.plan import Step, at_or_below
from sandbox.effects.files.survey import look, parted
from sandbox.model.effects import Difference


@dataclass
class Review:
    """What is not as it should be; and the marks of what is, by step."""

    differences: list[Difference] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)


def review(
    root: int,
    steps: Sequence[Step],
    ctimes: Mapping[int, int] | None = None,
    *,
    tick_ns: int = 0,
    links: bool = True,
) -> Review:
    """Compares with what should be there after the steps. Raises UnsupportedError, OSError.

    `ctimes`: of large files that were just put there, hashed while they were written; those are not read again where
    nothing touched them since. A ctime younger than `tick_ns` proves nothing. Without `links` their number is not
    compared: the stage still holds some.
    """
    found = Review()
    taken = {step.target for step in steps if step.after is not None}
    moved = {step.target for step in steps if step.moved}
    with Folders(root) as folders:
        for step in steps:
            # Nothing is left of it, but something else may stand there now, or have come with a folder.
            if step.after is None and (
                step.target in taken or (step.source == step.target and at_or_below(step.target, moved))
            ):
                continue
            try:
                wrong = _one(folders, step, found, (ctimes or {}).get(step.number), tick_ns, links=links)
                if step.moved and step.source not in taken and look(folders, step.source):
                    wrong.append(Unlike("kind", "nothing, it was moved", "something"))
                found.differences += [Difference(resource(step.target), w.facet, w.expected, w.found) for w in wrong]
            except AstrayError as astray:
                found.differences += astray.differences if step.after else ()
    return found


def _one(folders: Folders, step: Step, found: Review, ctime: int | None, tick_ns: int, *, links: bool) -> list[Unlike]:
    now = time.clock_gettime_ns(time.CLOCK_REALTIME)
    if ctime is not None and step.after:
        parent, name = folders.place(step.target)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if (status.st_ctime_ns, status.st_mtime_ns) == (ctime, step.after.mtime_ns):
            found.marks[step.number] = _mark(parent, name, status, now, tick_ns)
            return []
    seen = look(folders, step.target)
    wrong = unlike(step.after, seen[0] if seen else None, links=links)
    if seen is not None and step.after is not None and not wrong:
        wrong += [
            Unlike("links", f"a link to {os.fsdecode(link)!r}", "none")
            for link in parted(folders, step.after.links, seen[1].st_ino)
        ]
        parent, name = folders.place(step.target)
        found.marks[step.number] = _mark(parent, name, seen[1], now, tick_ns)
    return wrong


def _mark(parent: int, name: bytes, status: os.stat_result, now: int, tick_ns: int) -> Mark:
    settled = now - status.st_ctime_ns > tick_ns
    return Mark(status.st_ino, birth(parent, name), status.st_ctime_ns if settled else 0)
