"""What is found to have changed in a branch: each case is what was there, what is done, and the changes it makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.effects.branches.branch import open_branches
from sandbox.effects.branches.digest import states, tree_state
from tests.files.cases import CASES, Case
from tests.files.inside import inside
from tests.files.model import applied

pytestmark = pytest.mark.jail


@pytest.mark.parametrize("backend", ["overlay", "copy"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_changes_lead_from_what_was_there_to_what_is_there(case: Case, backend: str, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    case.prepare(workspace)
    root = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY)
    before = tree_state(root)
    branches = open_branches(workspace, backend=backend)
    with branches.open(256 << 20, 65_536) as branch:
        inside(branch, case.act, uid=case.uid, gid=case.uid)
        found = branch.collect()
        told = [(change.path, change.moved_from) for change in found.changes]
        if backend == "overlay" or not any(moved for _, moved in case.changes):
            assert told == case.changes
        mount = os.open(".", os.O_RDONLY, dir_fd=branch.mount)
        after = tree_state(mount, ids=0x71000000)
        os.close(mount)
    assert found.foreign == ()
    assert tree_state(root) == before
    os.close(root)
    assert applied(before, found.changes) == after
    first, last = states(found.changes)
    assert {path: before.get(path) for path in first} == first
    assert {path: after.get(path) for path in last} == last
    branches.close()
