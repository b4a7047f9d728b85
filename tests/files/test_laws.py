"""Laws of branches, over random sequences of operations.

What is done in a branch and in a plain folder has the same answers and the same outcome; what is collected leads from
the one state to the other; and the workspace is as it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.effects.branches.branch import Branch, Branches, open_branches
from sandbox.effects.branches.digest import states, tree_state
from sandbox.effects.branches.mounts import change_view, opened, tmpfs, view
from sandbox.effects.branches.overlay import users_of
from sandbox.effects.files.entry import Entry
from sandbox.model.plan import ACTION_IDS
from tests.files.acts import OLD
from tests.files.inside import in_mount, inside
from tests.files.model import applied
from tests.files.operations import Operation, base, operations, run

pytestmark = pytest.mark.jail

_CASES = int(os.environ.get("FILES_CASES", "100000"))
_SHORT = 100
_short = settings(max_examples=_SHORT, deadline=None, suppress_health_check=list(HealthCheck), database=None)
_long = settings(max_examples=_CASES, deadline=None, suppress_health_check=list(HealthCheck))


class World:
    """One workspace, of which any number of branches are made: they do not change it."""

    def __init__(self, folder: Path, backend: str) -> None:
        base(folder)
        self.root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self.before = tree_state(self.root)
        self.branches: Branches = open_branches(folder, backend=backend)  # type: ignore[arg-type]

    def close(self) -> None:
        assert tree_state(self.root) == self.before
        os.close(self.root)
        self.branches.close()


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("overlay"), "overlay")
    yield world
    world.close()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("copy"), "copy")
    yield world
    world.close()


def plainly(steps: list[Operation]) -> tuple[list[int | None], dict[bytes, Entry]]:
    """The answers and the outcome in a plain folder in memory."""
    mount = tmpfs(64 << 20, 10_000)
    folder = opened(mount)
    base(Path(f"/proc/self/fd/{folder}"))
    os.chmod(folder, 0o700)
    mapped = view(folder)
    change_view(mapped, 0, users_of(ACTION_IDS))
    try:
        return in_mount(mapped, lambda: run(steps)), tree_state(folder)
    finally:
        for each in (mapped, folder, mount):
            os.close(each)


def seen(branch: Branch) -> dict[bytes, Entry]:
    """The state of a branch, as a plain walk sees it."""
    mount = os.open(".", os.O_RDONLY, dir_fd=branch.mount)
    try:
        return tree_state(mount, ids=ACTION_IDS)
    finally:
        os.close(mount)


def alike(backend: str, after: Mapping[bytes, Entry], outcome: Mapping[bytes, Entry]) -> bool:
    """Whether two states are the same but for times that depend on when it was done."""
    return after.keys() == outcome.keys() and all(_alike(backend, after[path], outcome[path]) for path in outcome)


def _alike(backend: str, entry: Entry, plain: Entry) -> bool:
    new, also_new = entry.mtime_ns > OLD + 1, plain.mtime_ns > OLD + 1
    # overlayfs forgets a file's mtime when the bytes follow its metadata (one of the backend's limits).
    forgotten = backend == "overlay" and entry.kind == "file" and new
    return replace(entry, mtime_ns=0) == replace(plain, mtime_ns=0) and (
        forgotten or (new and also_new) or entry.mtime_ns == plain.mtime_ns
    )


def check(world: World, steps: list[Operation]) -> None:
    answers, outcome = plainly(steps)
    with world.branches.open(64 << 20, 10_000) as branch:
        assert inside(branch, lambda: run(steps)) == answers
        after = seen(branch)
        found = branch.collect()
        apart = branch.collect(moves=False)
    assert alike(branch.backend, after, outcome)
    assert found.foreign == ()
    for each in (found, apart):
        assert applied(world.before, each.changes) == after
        first, last = states(each.changes)
        assert {path: world.before.get(path) for path in first} == first
        assert {path: after.get(path) for path in last} == last
    assert all(change.moved_from is None for change in apart.changes)


@_short
@given(operations)
def test_an_overlay_is_as_a_plain_folder_and_nothing_that_changed_is_missed(
    overlay: World, steps: list[Operation]
) -> None:
    check(overlay, steps)


@_short
@given(operations)
def test_a_copy_is_as_a_plain_folder_and_nothing_that_changed_is_missed(copy: World, steps: list[Operation]) -> None:
    check(copy, steps)


def check_fork(world: World, steps: list[Operation], further: list[Operation]) -> None:
    answers, outcome = plainly([*steps, *further])
    with world.branches.open(64 << 20, 10_000) as branch:
        first = inside(branch, lambda: run(steps))
        between = seen(branch)
        (fork,) = branch.fork(1)
        with fork:
            assert seen(fork) == between
            assert first + inside(fork, lambda: run(further)) == answers
            after = seen(fork)
            assert alike(fork.backend, after, outcome)
            assert applied(between, fork.collect().changes) == after


@_short
@given(operations, operations)
def test_a_fork_goes_on_where_its_branch_was(overlay: World, steps: list[Operation], further: list[Operation]) -> None:
    check_fork(overlay, steps, further)


@_short
@given(operations, operations)
def test_what_was_collected_in_two_steps_is_what_is_collected_in_one(
    overlay: World, steps: list[Operation], further: list[Operation]
) -> None:
    with overlay.branches.open(64 << 20, 10_000) as branch:
        inside(branch, lambda: run(steps))
        first = branch.collect(moves=False)
        inside(branch, lambda: run(further))
        second = branch.collect(previous=first)
        after = seen(branch)
    assert applied(applied(overlay.before, first.changes), second.changes) == after


@pytest.mark.campaign
@_long
@given(st.tuples(operations, operations))
def test_campaign_of_branches_and_forks(overlay: World, steps: tuple[list[Operation], list[Operation]]) -> None:
    check(overlay, steps[0])
    check_fork(overlay, *steps)
