"""The live workspace, led from one side of recorded changes to the other (`sandbox/effects/adapter.py`).

look at everything           a conflict: nothing is changed
pre-images into the store
note "transition"            the intent
stage all that is new        one flush, for all so far
rename, one after the other  each can be taken back
folders' times
look at everything again     else all is taken back
the stage leaves             it is removed later, behind a flush
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from sandbox.effects.adapter import ConflictError, Note, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.compare import has_links_outside
from sandbox.effects.files.effects import BACKEND, from_effect, resource
from sandbox.effects.files.entry import Entry
from sandbox.effects.files.finished import FinishedStages
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

    def __init__(self, root: Path, blobs: Blobs, finished: FinishedStages | None = None) -> None:
        """Opens the folder, once. `finished`: where stages go that are done; without, they end here. Raises OSError."""
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._blobs, self._finished = blobs, finished
        # Where both are on one file system, its flush is of both.
        self._one_flush = os.fstat(self._root).st_dev == os.fstat(blobs.fd).st_dev
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
            body["boot"] = kernel.boot()
            body["root_mtime_ns"] = str(around[b""].st_mtime_ns)
            body["already"] = [step.number for step in found.already]
            body["moved"] = [[s.number, found.seen[s.number][1].st_ino] for s in found.wanted if s.moved]

            intend = partial(note, "transition", body, durable=True)
            return self._promote(found, way, around, to, name, len(effects), intend)

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
        """Finishes what was cut short where renames may have begun, else takes it back. May itself be cut short.

        Raises ConflictError where somebody else changed, since, what was under way; UnfinishedError, UnsupportedError
        where the stage is not as it was left.
        """
        with self._turn():
            return recover(self._root, self._blobs, begun, note, self._finished)

    def stages(self, *, finished: bool = True) -> set[str]:
        """Names of stages in the workspace and, with `finished`, of those that were taken out of any. OSError."""
        names = Stage.leftovers(self._root)
        if finished and self._finished:
            names += self._finished.names()
        return {os.fsdecode(name) for name in names}

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Between the threads of this process, and between processes.
        with self._mine, self._finished.leading() if self._finished else nullcontext():
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
        """Everything that is needed to go there, and back, is in the store. The digest of the effects."""
        with Folders(self._root) as folders:
            for step in found.wanted:
                before = step.before
                if way.how[step.number] not in ("take", "swap") or not before or not before.size:
                    continue
                if not self._blobs.has(before.content, _stored(before)):
                    self._keep(folders, step)
        for step in found.wanted:
            new = way.how[step.number] in ("make", "swap") and step.number not in way.anchors
            if new and step.after and step.after.size and not self._blobs.has(step.after.content, _stored(step.after)):
                raise UnsupportedError(f"the contents of {os.fsdecode(step.target)!r} are no longer in the store")
        lines = "".join(f"{json.dumps(each.to_json(), separators=(',', ':'))}\n" for each in effects).encode()
        return self._blobs.put_bytes(lines)

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

    def _promote(
        self,
        found: Survey,
        way: Plan,
        around: Around,
        to: Side,
        name: bytes,
        count: int,
        intend: Callable[..., None],
    ) -> Applied:
        root_mtime = around[b""].st_mtime_ns
        stage: Stage | None = None
        promotion: Promotion | None = None
        ready: Ready | None = None
        taken = False

        def make() -> Sequence[int]:
            nonlocal stage, ready
            stage = Stage.make(self._root, name)
            new = stage.build(way, self._root, self._blobs)
            old = {number: seen[1].st_ino for number, seen in found.seen.items()}
            mtimes = [around[path].st_mtime_ns for path in way.folders]
            mtimes += [found.seen[step.number][1].st_mtime_ns for step in way.gone]
            ready = Ready([step.number for step in found.already], old, new, mtimes)
            stage.write(ready)
            return (stage.fd, self._blobs.fd)

        try:
            intend(beside=make)
            if stage is None or ready is None:
                raise RuntimeError("a note was not taken as it has to be: nothing was made beside it")
            stage.begin()
            inodes = {path: status.st_ino for path, status in around.items()}
            promotion = Promotion(self._root, stage, way, ready, found, inodes)
            promotion.forward()
            promotion.settle(forward=True)
            seen = review(self._root, found.wanted, promotion.ctimes, tick_ns=stage.tick_ns, links=False)
            if seen.differences:
                raise ConflictError(seen.differences)
            landed = to_landed(to, [seen.marks.get(number) for number in range(count)], self._blobs)
            if self._finished and not _keeps_links(found, way):
                taken = self._finished.take(self._root, name)
            if not taken:
                kernel.sync(stage.fd)
                if "blob" in landed and not self._one_flush:
                    self._blobs.barrier()
                stage.finish()
        except BaseException as error:
            self._take_back(promotion, name, root_mtime, error, listed=ready is not None)
            raise
        finally:
            if stage:
                stage.close()
            if promotion:
                promotion.close()
        residue = [*promotion.residue, *_parted(found.wanted, way)]
        try:
            if not taken:
                Stage.discard(self._root, name)
            root = next((step for step in way.keep if step.source == b""), None)
            date(self._root, mtime_after(root, root_mtime))
        except OSError as error:
            residue.append(f"{resource(name)}: what was replaced could not be removed: {error}")
        return Applied(len(found.wanted), len(found.already), tuple(residue), landed)

    def _take_back(
        self, promotion: Promotion | None, name: bytes, root_mtime: int, error: BaseException, *, listed: bool
    ) -> None:
        """Puts everything back. Raises UnfinishedError where that fails, too: the stage stays, for `recover`.

        Durably, before anybody hears of it: a stage that comes to light after a power cut is led forward.
        """
        left: list[Difference] = []
        try:
            if promotion:
                left = promotion.back()
                promotion.settle(forward=False)
                kernel.sync(self._root)
            if listed:
                with suppress(FileNotFoundError), closing(Stage(self._root, name)) as stage:
                    stage.finish()
                    kernel.sync(self._root)
            Stage.discard(self._root, name)
            date(self._root, root_mtime)
        except OSError as again:
            raise UnfinishedError(f"what was begun could not be taken back: {again}", fix="recover it") from error
        if left:
            error.add_note("left alone: " + "; ".join(map(str, left)))


def _stored(entry: Entry) -> int:
    """How many bytes of a file the store has: all but its holes."""
    return entry.size - sum(length for _, length in entry.holes)


def _keeps_links(found: Survey, way: Plan) -> bool:
    """Whether a file that is replaced has other names: in a stage that stays for a while it would count as one more."""
    return any(
        way.how[number] in ("take", "swap") and seen.kind != "dir" and status.st_nlink > 1
        for number, (seen, status) in found.seen.items()
    )


def _parted(wanted: Sequence[Step], way: Plan) -> list[str]:
    return [
        f"{resource(step.target)}: no longer the same file as its links outside of the workspace"
        for step in wanted
        if step.before and has_links_outside(step.before) and way.how[step.number] in ("take", "swap")
    ]
