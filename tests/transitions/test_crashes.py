"""Killed at every step, and recovery killed at every step: it ends before or after, never between."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.effects.files.live import FilesLive
from sandbox.effects.files.staging import Stage
from sandbox.model.effects import Effect, Side
from tests.transitions import cases
from tests.transitions.cases import Case
from tests.transitions.faults import Ended, Steps, dies_at
from tests.transitions.world import Tree, World, world

# Real kills: among the slower tests.
pytestmark = pytest.mark.jail


def _before(root: Path) -> None:
    cases._linked(root)
    _further(root)


def _before_plain(root: Path) -> None:
    cases._files(root)
    _further(root)


def _further(root: Path) -> None:
    cases._sparse(1 << 16, (8192, b"x" * 4096))(root)
    cases._mode(0o6755, "b")(root)
    cases._folder("old")(root)
    cases._text("goes", "old/f")(root)
    cases._text("moved along", "old/g")(root)


# Of everything something: written, dressed, removed, made, linked, moved and edited inside, file to folder and back.
_WORK = (
    cases._append,
    cases._owner(1001, 1002, "b"),
    cases._xattr("user.note", b"new", "d/x"),
    cases._remove("d/y"),
    cases._remove("d/e/z", "d/e"),
    cases._text("a file now", "d/e"),
    cases._remove("link"),
    cases._folder("link"),
    cases._text("below", "link/f"),
    cases._rename("old", "empty/new"),
    cases._text("edited", "empty/new/f"),
    cases._link("b", "empty/b"),
    lambda root: os.mkfifo(root / "pipe"),
    cases._mode(0o2770, "d"),
)
MEDIUM = Case(_before, cases._each(*_WORK), {b"empty/new": b"old"})
# No file of several names is replaced: the stage leaves the workspace as it is.
PLAIN = Case(_before_plain, cases._each(*_WORK[:-3], *_WORK[-2:]), {b"empty/new": b"old"})
# 300 levels are a thousand times the same step.
_MATRIX = {"medium": MEDIUM, "plain": PLAIN} | {name: case for name, case in cases.ALL.items() if name != "deep"}
_NEVER = 1 << 30


# Stages that are done leave the workspace, or end in it behind a flush.
FINISHED = pytest.mark.parametrize("finished", [True, False], ids=["one flush", "two flushes"])


@contextmanager
def made(folder: Path, case: Case, *, finished: bool = True) -> Iterator[tuple[World, dict[Side, Tree], list[Effect]]]:
    with tempfile.TemporaryDirectory(dir=folder) as name, world(Path(name), finished=finished) as here:
        case.before(here.root)
        before, after, effects = here.did(case.work, case.moves)
        yield here, {"pre": before, "post": after}, effects


def other(side: Side) -> Side:
    return "pre" if side == "post" else "post"


def one_life(folder: Path, case: Case, to: Side, at: int, again: int = _NEVER, *, finished: bool = True) -> bool:
    """Killed at step `at`, recovered (killed at `again`, and recovered once more). Whether nothing was left to kill."""

    def dies(step: int, work: Callable[[FilesLive, Callable[..., None]], object]) -> Ended:
        return dies_at(step, here.root, here.blobs.folder, work, finished=finished)

    with made(folder, case, finished=finished) as (here, trees, effects):
        if to == "post":
            here.to("pre", effects)
        ended = dies(at, lambda live, note: live.apply(effects, to, note))
        if ended.done:
            assert here.scan(keep=False) == trees[to]
            return True
        begun = [body for kind, body in ended.notes if kind == "transition"]
        if not begun:
            assert here.scan(keep=False) == trees[other(to)]
            return True
        lived = True
        if again != _NEVER:
            lived = dies(again, lambda live, note: live.recover(begun[0], note)).done
        side = here.live.recover(begun[0], here.note)
        assert here.scan(keep=False) == trees[side]
        assert here.live.stages(finished=False) == set()
        # Nothing was lost on the way: both sides can still be reached.
        here.to(other(side), effects)
        assert here.scan(keep=False) == trees[other(side)]
        return lived


def steps_of(folder: Path, case: Case, to: Side, *, finished: bool = True) -> int:
    """How many steps it takes when nobody dies."""
    with made(folder, case, finished=finished) as (here, _, effects):
        if to == "post":
            here.to("pre", effects)
        steps = Steps(_NEVER, lambda: None)
        with steps.interposed():
            here.to(to, effects)
        return steps.count


@pytest.mark.parametrize(("case", "finished"), [(PLAIN, True), (MEDIUM, False)], ids=["one flush", "two flushes"])
@pytest.mark.parametrize("to", ["pre", "post"])
def test_killed_at_any_step_it_recovers_to_before_or_after(memory: Path, to: Side, case: Case, finished: bool) -> None:
    # A record of the journal is two: killed before it is written, and after.
    total = steps_of(memory, case, to, finished=finished) + 2
    assert total > 45
    for at in range(1, total + 1):
        one_life(memory, case, to, at, finished=finished)
    assert one_life(memory, case, to, total + 1, finished=finished)


@pytest.mark.parametrize(
    "name", ["folders swapped", "inner folder taken out", "hard links change partners", "swap", "mode"]
)
def test_killed_in_an_intricate_case_it_recovers_to_before_or_after(memory: Path, name: str) -> None:
    case = cases.ALL[name]
    for at in range(1, steps_of(memory, case, "pre") + 3):
        one_life(memory, case, "pre", at)


def test_recovery_that_is_killed_recovers(memory: Path) -> None:
    total = steps_of(memory, MEDIUM, "pre")
    for at in range(5, total, 17):
        again = 1
        while not one_life(memory, MEDIUM, "pre", at, again):
            again += 7


@pytest.mark.campaign
@FINISHED
@pytest.mark.parametrize("to", ["pre", "post"])
@pytest.mark.parametrize("case", _MATRIX.values(), ids=_MATRIX)
def test_crash_matrix(memory: Path, case: Case, to: Side, finished: bool) -> None:
    for at in range(1, steps_of(memory, case, to, finished=finished) + 3):
        one_life(memory, case, to, at, finished=finished)
        again = 1
        while case in (MEDIUM, PLAIN) and not one_life(memory, case, to, at, again, finished=finished):
            again += 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("to", ["pre", "post"])
@FINISHED
def test_refused_by_the_kernel_at_any_step_everything_is_put_back(
    memory: Path, to: Side, number: int, finished: bool
) -> None:
    case = PLAIN if finished else MEDIUM

    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    total = steps_of(memory, case, to, finished=finished)
    for at in range(1, total + 1):
        with made(memory, case, finished=finished) as (here, trees, effects):
            if to == "post":
                here.to("pre", effects)
            steps = Steps(at, refuse)
            try:
                with steps.interposed():
                    applied = here.to(to, effects)
            except OSError as error:
                assert error.errno == number
                assert here.scan(keep=False) == trees[other(to)]
                assert Stage.leftovers(os.open(here.root, os.O_RDONLY)) == []
            else:
                # All was done and looked at; what could not be removed is swept next time. Where the store had a
                # folder already there is a step less, and the last one is never reached. A stage that could not leave
                # the workspace, for want of room where it goes, ends in it, and that takes more steps.
                stayed = finished and number in (errno.ENOSPC, errno.EDQUOT) and steps.count > total
                told = any("could not be removed" in each for each in applied.residue)
                assert steps.count < at or stayed or told, at
            here.to("pre", effects)
            here.to("post", effects)
            assert Stage.leftovers(os.open(here.root, os.O_RDONLY)) == []
