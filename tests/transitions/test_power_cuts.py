"""The power is cut at every step of a transition: it ends before or after, and what somebody was told stays true."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.effects.adapter import Beside, ConflictError
from sandbox.effects.files import kernel
from sandbox.model.effects import Effect, Side
from tests.transitions import cases
from tests.transitions.cases import Case
from tests.transitions.faults import Steps
from tests.transitions.power import Disk, disk
from tests.transitions.test_crashes import MEDIUM, PLAIN, other
from tests.transitions.world import Tree, World, world

pytestmark = pytest.mark.jail


@pytest.fixture
def own(memory: Path) -> Iterator[Disk]:
    with disk(memory) as made:
        if made is None:
            pytest.skip("no ext4 can be mounted here")
        yield made


class Journal:
    """Notes in a file, flushed as the journal's are."""

    def __init__(self, path: Path, step: Callable[[], None] = lambda: None) -> None:
        self.path, self._step = path, step
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._write, self._sync = os.write, kernel.sync

    def note(self, kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: Beside = None) -> None:
        self._step()
        self._write(self.fd, json.dumps([kind, dict(body)]).encode() + b"\n")
        self._step()
        if beside:
            beside()
        if durable:
            self._step()
            self._sync(self.fd)
            self._step()

    def begun(self) -> dict[str, Any] | None:
        """The last transition that is whole."""
        lines = self.path.read_text(errors="replace").splitlines() if self.path.exists() else []
        found = [body for kind, body in map(_parsed, lines) if kind == "transition"]
        return found[-1] if found else None


def _parsed(line: str) -> tuple[str, Any]:
    try:
        kind, body = json.loads(line)
    except ValueError:
        return "", None
    return kind, body


def _metadata(here: World, journal: Journal) -> None:
    fd = os.open(here.root, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


# What else reaches the disk before the power is cut: nothing, the journal alone, names without contents, everything.
REACHES: dict[str, Callable[[World, Journal], None]] = {
    "nothing": lambda here, journal: None,
    "the journal": lambda here, journal: os.fdatasync(journal.fd),
    "names": _metadata,
    "everything": lambda here, journal: kernel.sync(journal.fd),
}


@dataclass
class Cut:
    """What a disk held, at which step; `told`: whether somebody had been told by then."""

    image: Path
    step: int
    told: bool


class _Cutting(Steps):
    """Cuts the power at every `every`th step, once more has reached the disk."""

    def __init__(self, every: int, cut: Callable[[int], None]) -> None:
        super().__init__(1 << 30, lambda: None)
        self._every, self._cut, self._within = every, cut, False

    def step(self) -> None:
        super().step()
        if self.count % self._every == 0 and not self._within:
            self._within = True
            try:
                self._cut(self.count)
            finally:
                self._within = False


def cuts(own: Disk, here: World, journal: Journal, reaches: str, every: int, work: Callable[[], object]) -> list[Cut]:
    found: list[Cut] = []

    def cut(step: int, *, told: bool = False) -> None:
        REACHES[reaches](here, journal)
        found.append(Cut(own.cut(), step, told))

    steps = _Cutting(every, cut)
    journal._step = steps.step
    with steps.interposed():
        work()
    cut(steps.count + 1, told=True)
    return found


def restarted(own: Disk, cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    own.start(cut.image)
    monkeypatch.setattr(kernel, "boot", lambda: f"after step {cut.step}")


def every_cut(
    own: Disk, case: Case, to: Side, reaches: str, every: int, monkeypatch: pytest.MonkeyPatch, *, finished: bool
) -> None:
    with world(own.path, finished=finished) as here:
        case.before(here.root)
        before, after, effects = here.did(case.work, case.moves)
        if to == "post":
            here.to("pre", effects)
        trees: dict[Side, Tree] = {"pre": before, "post": after}
        journal = Journal(own.path / "journal")
        if here.finished:
            here.finished.remove()
        kernel.sync(journal.fd)
        found = cuts(own, here, journal, reaches, every, lambda: here.live.apply(effects, to, journal.note))
        os.close(journal.fd)
    assert len(found) > 3
    for cut in found:
        restarted(own, cut, monkeypatch)
        judge(own, cut, trees, effects, to, finished=finished)


def judge(own: Disk, cut: Cut, trees: dict[Side, Tree], effects: list[Effect], to: Side, *, finished: bool) -> None:
    with world(own.path, finished=finished) as here:
        journal = Journal(own.path / "journal")
        begun = journal.begun()
        assert begun or not cut.told
        side = here.live.recover(begun, here.note) if begun else other(to)
        assert side == to or not cut.told
        if not begun:
            # Without a record nothing but the stage was ever made.
            here.live.apply(effects, side, here.note)
            os.utime(here.root, ns=(0, trees[side][b""].mtime_ns))
        assert here.scan(keep=False) == trees[side], cut.step
        # Nothing was lost: both sides can still be reached.
        here.to(other(side), effects)
        assert here.scan(keep=False) == trees[other(side)], cut.step
        here.to(side, effects)
        assert here.scan(keep=False) == trees[side], cut.step
        os.close(journal.fd)


@pytest.mark.parametrize("reaches", REACHES)
@pytest.mark.parametrize("to", ["pre", "post"])
def test_a_power_cut_ends_before_or_after_and_what_was_told_is_so(
    own: Disk, to: Side, reaches: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_cut(own, PLAIN, to, reaches, 17, monkeypatch, finished=True)


@pytest.mark.campaign
@pytest.mark.parametrize("reaches", REACHES)
@pytest.mark.parametrize("to", ["pre", "post"])
@pytest.mark.parametrize("finished", [True, False], ids=["one flush", "two flushes"])
@pytest.mark.parametrize("case", [PLAIN, MEDIUM], ids=["plain", "linked"])
def test_power_cut_matrix(
    own: Disk, case: Case, to: Side, reaches: str, finished: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_cut(own, case, to, reaches, 1, monkeypatch, finished=finished)


@pytest.mark.parametrize("reaches", REACHES)
def test_after_a_conflict_that_was_told_a_power_cut_leads_nothing_forward(
    own: Disk, reaches: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(own.path) as here:
        cases._files(here.root)
        _, after, effects = here.did(cases._each(cases._text("changed"), cases._text("too", "b")))
        journal = Journal(own.path / "journal")
        kernel.sync(journal.fd)
        real = kernel.rename

        def rename(*arguments: Any) -> None:
            real(*arguments)
            # Somebody writes where the second rename goes.
            monkeypatch.setattr(kernel, "rename", real)
            (here.root / "b").write_text("theirs")

        monkeypatch.setattr(kernel, "rename", rename)
        with pytest.raises(ConflictError):
            here.live.apply(effects, "pre", journal.note)
        REACHES[reaches](here, journal)
        cut = Cut(own.cut(), 0, told=True)
        os.close(journal.fd)
    restarted(own, cut, monkeypatch)
    with world(own.path) as here:
        begun = Journal(own.path / "journal").begun()
        assert begun and here.live.recover(begun, here.note) == "post"
        assert here.scan(keep=False)[b"a"] == after[b"a"]
