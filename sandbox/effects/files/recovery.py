"""After a death in the middle of a transition: forward where renames may have begun, else back.

They may have where the stage says so. After a restart of the machine it may have lost that word, and renames that were
done as well, even those of a transition that somebody was told of; what was flushed before the first of them is whole,
then, and leads there again. Where it is not whole, no rename was ever done.

Nothing in the workspace is believed. The effects come from the store, by the digest that the journal holds, and the
plan is made from them anew; the stage only tells inode numbers, and what lies in it is compared with the effects before
it is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from sandbox.effects.adapter import ConflictError, Note, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.effects import from_effect
from sandbox.effects.files.finished import FinishedStages
from sandbox.effects.files.folders import Folders
from sandbox.effects.files.plan import Plan, Step, mtime_after, plan, steps
from sandbox.effects.files.promote import Promotion
from sandbox.effects.files.restore import date
from sandbox.effects.files.review import review
from sandbox.effects.files.staging import Ready, Stage
from sandbox.effects.files.survey import look
from sandbox.errors import SandboxError
from sandbox.model.effects import Effect, Json, Side


class UnfinishedError(SandboxError):
    """A transition stands in the middle; it has to be recovered before another may begin."""

    code = "unfinished"


def sweep(root: int) -> None:
    """Removes stages in which nothing was ready: nothing was renamed. Raises UnfinishedError for others, OSError."""
    for name in Stage.leftovers(root):
        try:
            stage = Stage(root, name)
        except UnsupportedError:
            continue
        try:
            if stage.is_ready():
                raise UnfinishedError(f"{os.fsdecode(name)!r} holds a transition that was cut short", fix="recover it")
        finally:
            stage.close()
        mtime = os.fstat(root).st_mtime_ns
        # A folder in which somebody wrote after it was taken away is left for people to look at.
        with suppress(OSError):
            Stage.discard(root, name)
        date(root, mtime)


def recover(
    root: int, blobs: Blobs, begun: Mapping[str, Json], note: Note, finished: FinishedStages | None = None
) -> Side:
    """The side at which the workspace is now. What others changed since is left alone, and told in the record.

    Raises UnfinishedError, UnsupportedError where the stage is not as it was left; OSError, FileNotFoundError where the
    store has lost the effects.
    """
    to: Side = "post" if begun["to"] == "post" else "pre"
    told: list[str] = []
    step: Step | None = None
    stage, at = _left(root, finished, str(begun["stage"]).encode())
    try:
        if stage is not None:
            stage.claim()
        if _lost(blobs, begun) and not (stage and stage.is_ready()):
            side = _other(to)
        else:
            lines = blobs.read(begun["effects"]).splitlines()
            all_steps = steps([from_effect(Effect.from_json(json.loads(line))) for line in lines], to)
            step = next((step for step in all_steps if step.source == b""), None)
            if stage is None:
                side = _look(root, all_steps, begun, to)
            else:
                side, told = _finish(root, stage, all_steps, begun, to, blobs)
    finally:
        if stage is not None:
            stage.close()
    if stage is not None:
        Stage.discard(at, stage.name)
    was = int(begun["root_mtime_ns"])
    date(root, mtime_after(step, was) if side == to else was)
    note("recovered", {"backend": "files", "stage": begun["stage"], "side": side, "told": told}, durable=True)
    return side


def _lost(blobs: Blobs, begun: Mapping[str, Json]) -> bool:
    """Whether the machine went down before the effects were on disk, and so before the first rename."""
    return begun.get("boot") != kernel.boot() and not blobs.is_whole(begun["effects"])


def _left(root: int, finished: FinishedStages | None, name: bytes) -> tuple[Stage | None, int]:
    """The stage, and the folder that it is in: the workspace, or where those go that are done."""
    for at in (root, *([finished.fd] if finished else ())):
        with suppress(FileNotFoundError):
            return Stage(at, name), at
    return None, -1


def _finish(
    root: int, stage: Stage, all_steps: list[Step], begun: Mapping[str, Json], to: Side, blobs: Blobs
) -> tuple[Side, list[str]]:
    ready = stage.read(len(all_steps))
    if ready is None:
        # Nothing was renamed yet, or all was and the stage was being removed.
        side = _look(root, all_steps, begun, to)
        return side, []
    already = set(ready.already)
    way = plan([step for step in all_steps if step.number not in already])
    if not _fits(ready, way):
        raise UnfinishedError("the list of inodes in the stage is not of these effects")
    promotion = Promotion(root, stage, way, ready)
    forward = (stage.is_ready() or begun.get("boot") != kernel.boot()) and promotion.is_whole(blobs)
    told: list[str] = []
    if forward:
        try:
            promotion.forward()
        except (ConflictError, FileNotFoundError) as error:
            told.append(str(error))
            forward = False
    if not forward:
        told += [str(each) for each in promotion.back()]
    promotion.settle(forward=forward)
    promotion.close()
    kernel.sync(stage.fd)
    return to if forward else _other(to), [*told, *promotion.residue]


def _fits(ready: Ready, way: Plan) -> bool:
    old = {step.number for step in way.out} | {step.number for step in way.into if way.how[step.number] == "swap"}
    new = {step.number for step in way.into if way.how[step.number] != "relay"}
    return old <= set(ready.old) and new <= set(ready.new) and len(ready.mtimes) == len(way.folders) + len(way.gone)


def _look(root: int, all_steps: list[Step], begun: Mapping[str, Json], to: Side) -> Side:
    """Where no stage tells, all was done or nothing: a moved folder's inode decides, else what speaks against less."""
    already = set(begun["already"])
    wanted = [step for step in all_steps if step.number not in already]
    inodes = {int(number): int(inode) for number, inode in begun["moved"]}
    with Folders(root) as folders:
        for step in wanted:
            if step.number in inodes:
                seen = look(folders, step.target)
                return to if seen and seen[1].st_ino == inodes[step.number] else _other(to)
        dates = 0
        for step in wanted:
            # Folders' mtimes are no difference; where nothing else is, they decide.
            seen = look(folders, step.target) if step.before and step.after and step.after.kind == "dir" else None
            if seen and step.before and step.after:
                dates += (seen[0].mtime_ns == step.after.mtime_ns) - (seen[0].mtime_ns == step.before.mtime_ns)
    undone = [
        replace(step, source=step.target, target=step.source, before=step.after, after=step.before) for step in wanted
    ]
    against = len(review(root, wanted).differences) - len(review(root, undone).differences)
    return to if (against, -dates) < (0, 0) else _other(to)


def _other(side: Side) -> Side:
    return "pre" if side == "post" else "post"
