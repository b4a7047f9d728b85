"""The live workspace, led from one side of recorded changes to the other (`sandbox/effects/adapter.py`).

look at everything           a conflict: nothing is changed
pre-images into the store    durable before the note
note "transition"            durable: the intent
stage all that is new        one flush for all of it
rename, one after the other  each can be taken back
folders' times
look at everything again     else all is taken back
a flush; remove the stage
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.effects.adapter import ConflictError, Note, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.compare import has_links_outside
from sandbox.effects.files.effects import BACKEND, from_effect, resource
from sandbox.effects.files.folders import Folders
from sandbox.effects.files.landed import from_landed, to_landed
from sandbox.effects.files.plan import Plan, Step, mtime_after, plan, steps
from sandbox.effects.files.promote import Promotion
from sandbox.effects.files.recovery import UnfinishedError, recover, sweep
from sandbox.effects.files.restore import data_between, date
from sandbox.effects.files.review import review
from sandbox.effects.files.staging import Ready, Stage
from sandbox.effects.files.survey import Survey, surroundings, survey
from sandbox.model.effects import Applied, Difference, Effect, Json, Side

_NOTHING_PROVEN = 1 << 63
Around = Mapping[bytes, os.stat_result]


class FilesLive:
    """One workspace. Any number of processes may use one: of those that change it, one at a time gets its turn.

    Has to run as root, or as who owns everything, with the capabilities to set owners and modes.
    """

    backend = BACKEND

    def __init__(self, root: Path, blobs: Blobs) -> None:
        """Opens the folder, once. Raises OSError."""
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._blobs = blobs
        # Where both are on one file system, its flush is of both.
        self._one_flush = os.fstat(self._root).st_dev == blobs.folder.stat().st_dev
        self._mine = threading.Lock()

    def close(self) -> None:
        """Gives the folder back."""
        os.close(self._root)

    def check(self, effects: Sequence[Effect], to: Side, landed: Json = None) -> list[Difference]:
        """The conflicts that `apply` would find. Changes nothing. Raises UnsupportedError, OSError."""
        return self._look(effects, to, landed)[0].differences

    def apply(self, effects: Sequence[Effect], to: Side, note: Note, landed: Json = None) -> Applied:
        """Leads all of `effects` to `to`, or none of them.

        Raises ConflictError with nothing changed; UnsupportedError for mounts, links that are in the way of exactness
        and contents that the store no longer has; UnfinishedError where a transition has to be recovered first;
        QuotaError; OSError after everything was put back.
        """
        with self._turn():
            sweep(self._root)
            found, way, around = self._look(effects, to, landed)
            if found.differences:
                raise ConflictError(found.differences)
            if not found.wanted:
                return Applied(0, len(found.already), landed=landed)
            digest = self._secure(found, way, effects)
            name = Stage.new_name()
            body: dict[str, Json] = {"to": to, "backend": BACKEND, "effects": digest, "stage": name.decode()}
            body["root_mtime_ns"] = str(around[b""].st_mtime_ns)
            body["already"] = [step.number for step in found.already]
            body["moved"] = [[s.number, found.seen[s.number][1].st_ino] for s in found.wanted if s.moved]
            note("transition", body, durable=True)
            return self._promote(found, way, around, to, name, len(effects))

    def verify(self, effects: Sequence[Effect], at: Side, landed: Json = None) -> list[Difference]:
        """Whether the world is at that side, by looking. Folders' mtimes are not told: others change them."""
        return review(self._root, steps([from_effect(effect) for effect in effects], at)).differences

    def mark(self, effects: Sequence[Effect], at: Side) -> Json:
        """See `Marking`: the inodes that are there now. When they were last touched proves nothing."""
        found = review(self._root, steps([from_effect(effect) for effect in effects], at), tick_ns=_NOTHING_PROVEN)
        landed = to_landed(at, [found.marks.get(number) for number in range(len(effects))], self._blobs)
        if "blob" in landed:
            self._blobs.barrier()
        return landed

    def recover(self, begun: Mapping[str, Json], note: Note) -> Side:
        """Finishes what was cut short where renames had begun, else takes it back. May itself be cut short.

        Raises ConflictError where somebody else changed, since, what was under way; UnfinishedError, UnsupportedError
        where the stage is not as it was left.
        """
        with self._turn():
            return recover(self._root, self._blobs, begun, note)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Between the threads of this process, and between processes.
        with self._mine:
            fcntl.flock(self._root, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._root, fcntl.LOCK_UN)

    def _look(self, effects: Sequence[Effect], to: Side, landed: Json) -> tuple[Survey, Plan, Around]:
        side: Side = "pre" if to == "post" else "post"
        all_steps = steps([from_effect(effect) for effect in effects], to)
        found = survey(self._root, all_steps, from_landed(landed, side, len(all_steps), self._blobs))
        way = plan(found.wanted)
        if found.differences:
            return found, way, {}
        around, wrong = surroundings(self._root, way, found)
        found.differences += wrong
        return found, way, around

    def _secure(self, found: Survey, way: Plan, effects: Sequence[Effect]) -> str:
        """Everything that is needed to go there, and back, is in the store and durable. The digest of the effects."""
        put = False
        with Folders(self._root) as folders:
            for step in found.wanted:
                before = step.before
                if way.how[step.number] not in ("take", "swap") or not before or not before.size:
                    continue
                if not self._blobs.has(before.content):
                    self._keep(folders, step)
                    put = True
        for step in found.wanted:
            new = way.how[step.number] in ("make", "swap") and step.number not in way.anchors
            if new and step.after and step.after.size and not self._blobs.has(step.after.content):
                raise UnsupportedError(f"the contents of {os.fsdecode(step.target)!r} are no longer in the store")
        lines = "".join(f"{json.dumps(each.to_json(), separators=(',', ':'))}\n" for each in effects).encode()
        used = self._blobs.used
        digest = self._blobs.put_bytes(lines)
        if put or self._blobs.used != used:
            self._blobs.barrier()
        return digest

    def _keep(self, folders: Folders, step: Step) -> None:
        if step.before is None:
            return
        parent, name = folders.place(step.source)
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
        try:
            digest = self._blobs.put(fd, data_between(step.before.holes, step.before.size))
        finally:
            os.close(fd)
        if digest != step.before.content:
            raise ConflictError([Difference(resource(step.target), "content", step.before.content[:12], digest[:12])])

    def _promote(self, found: Survey, way: Plan, around: Around, to: Side, name: bytes, count: int) -> Applied:
        root_mtime = around[b""].st_mtime_ns
        stage: Stage | None = None
        promotion: Promotion | None = None
        try:
            stage = Stage.make(self._root, name)
            new = stage.build(way, self._root, self._blobs)
            old = {number: seen[1].st_ino for number, seen in found.seen.items()}
            mtimes = [around[path].st_mtime_ns for path in way.folders]
            mtimes += [found.seen[step.number][1].st_mtime_ns for step in way.gone]
            ready = Ready([step.number for step in found.already], old, new, mtimes)
            stage.write(ready)
            kernel.sync(stage.fd)
            inodes = {path: status.st_ino for path, status in around.items()}
            promotion = Promotion(self._root, stage, way, ready, found, inodes)
            promotion.forward()
            promotion.settle(forward=True)
            seen = review(self._root, found.wanted, promotion.ctimes, tick_ns=stage.tick_ns, links=False)
            if seen.differences:
                raise ConflictError(seen.differences)
            landed = to_landed(to, [seen.marks.get(number) for number in range(count)], self._blobs)
            kernel.sync(stage.fd)
            if "blob" in landed and not self._one_flush:
                self._blobs.barrier()
            stage.finish()
        except BaseException as error:
            self._take_back(promotion, name, root_mtime, error)
            raise
        finally:
            if stage:
                stage.close()
            if promotion:
                promotion.close()
        residue = [*promotion.residue, *_parted(found.wanted, way)]
        try:
            Stage.discard(self._root, name)
            root = next((step for step in way.keep if step.source == b""), None)
            date(self._root, mtime_after(root, root_mtime))
        except OSError as error:
            residue.append(f"{resource(name)}: what was replaced could not be removed: {error}")
        return Applied(len(found.wanted), len(found.already), tuple(residue), landed)

    def _take_back(self, promotion: Promotion | None, name: bytes, root_mtime: int, error: BaseException) -> None:
        """Puts everything back. Raises UnfinishedError where that fails, too: the stage stays, for `recover`."""
        left: list[Difference] = []
        try:
            if promotion:
                left = promotion.back()
                promotion.settle(forward=False)
            Stage.discard(self._root, name)
            date(self._root, root_mtime)
        except OSError as again:
            raise UnfinishedError(f"what was begun could not be taken back: {again}", fix="recover it") from error
        if left:
            error.add_note("left alone: " + "; ".join(map(str, left)))


def _parted(wanted: Sequence[Step], way: Plan) -> list[str]:
    return [
        f"{resource(step.target)}: no longer the same file as its links outside of the workspace"
        for step in wanted
        if step.before and has_links_outside(step.before) and way.how[step.number] in ("take", "swap")
    ]
