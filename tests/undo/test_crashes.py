"""Command lines that are killed before any system call that changes something: it is before or after, never between."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.undo.lives import Lives, lives
from tests.undo.world import Look

pytestmark = pytest.mark.jail
_MEMORY = Path("/dev/shm")


@pytest.fixture
def here() -> Iterator[Lives]:
    """On a file system in memory, where there is one: a flush of the disk waits for everybody's writes."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    folder = Path(tempfile.mkdtemp(prefix="crashes-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    try:
        with lives(folder) as made:
            traced = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False)
            if traced.returncode:
                pytest.skip(f"strace cannot trace here: {traced.stderr.decode()}")
            yield made
    finally:
        shutil.rmtree(folder)


# Of everything something: written, dressed, removed, made, linked, moved and edited inside, file to folder and back.
FILES = """
echo more >> a; chmod 4750 a; mv old new; echo edited > new/g; rm gone; mkdir gone; echo x > gone/f
rm -r was; echo now > was; ln a b; ln -s nowhere l; mkfifo p; setfattr -n user.note -v 1 new 2>/dev/null || true
"""
ROWS = """
python3 -c "
import sqlite3
db = sqlite3.connect('data/shop.db')
db.execute('UPDATE t SET b = b + 1 WHERE a < 3')
db.execute('DELETE FROM t WHERE a = 4')
db.execute('INSERT INTO t VALUES (9, 9)')
db.commit()
"
echo more >> a; rm gone; mkdir gone; echo x > gone/f
"""


def furnish(workspace: Path) -> None:
    (workspace / "old").mkdir()
    (workspace / "was").mkdir()
    (workspace / "data").mkdir()
    for name in ("a", "gone", "old/f", "old/g", "was/f"):
        (workspace / name).write_text(name)
    with closing(sqlite3.connect(workspace / "data" / "shop.db")) as db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
        db.executemany("INSERT INTO t VALUES (?, ?)", [(number, 0) for number in range(6)])
        db.commit()


@dataclass
class Case:
    """An action that is held, with the workspace as it is before and as it leaves it."""

    here: Lives
    action: str
    before: Look
    after: Look


def held(here: Lives, script: str, *options: str) -> Case:
    furnish(here.workspace)
    before = here.look()
    action = here.act(script, *options)
    here.keep()
    here.well(["commit", action, "--yes"])
    after = here.look()
    assert after != before
    return Case(here, action, before, after)


FILES_ONLY = (FILES,)
FILES_AND_ROWS = (ROWS, "--database", "data/shop.db=journal")


def settle(case: Case, left: str, right: str, *, days: int = 0) -> str:
    """After a kill: recovered, before or after, proven, and the status says which. The status."""
    life = case.here.well(["recover", "--json"], ["show", case.action, "--json"], ["verify", "--json"], days=days)
    status: str = life.json(1)["status"]
    seen = case.here.look()
    assert status in (left, right), life.ended
    assert seen == (case.after if status == "COMMITTED" else case.before), life.ended
    assert life.json(2)["ok"]
    case.here.well(["verify", case.action, "--json"])
    return status


def killed_commit(case: Case, at: int) -> bool:
    here = case.here
    here.put_back()
    if not here.live(["commit", case.action, "--yes"], kill=at).killed:
        return False
    settle(case, "HELD", "COMMITTED")
    here.well(["commit", case.action, "--yes"])
    assert here.look() == case.after
    here.well(["undo", case.action, "--yes"])
    assert here.look() == case.before
    return True


def killed_undo(case: Case, at: int) -> bool:
    here = case.here
    here.put_back()
    here.well(["commit", case.action, "--yes"])
    if not here.live(["undo", case.action, "--yes"], kill=at).killed:
        return False
    settle(case, "UNDONE", "COMMITTED")
    here.well(["undo", case.action, "--yes"])
    assert here.look() == case.before
    here.well(["redo", case.action])
    assert here.look() == case.after
    return True


def killed_recovery(case: Case, verb: str, at: int, again: int) -> bool:
    here = case.here
    here.put_back()
    if verb == "undo":
        here.well(["commit", case.action, "--yes"])
    assert here.live([verb, case.action, "--yes"], kill=at).killed
    if not here.live(["recover"], kill=again).killed:
        return False
    settle(case, "HELD" if verb == "commit" else "UNDONE", "COMMITTED")
    here.well(["undo", case.action, "--yes"])
    assert here.look() == case.before
    return True


def steps(life: Callable[[int], bool], first: int = 1, stride: int = 1) -> int:
    """Lives it with each step, until it is not killed any more. How many times it was."""
    at = first
    while life(at):
        at += stride
    return at


@pytest.mark.parametrize("made", [FILES_ONLY, FILES_AND_ROWS], ids=["files", "files and rows"])
def test_sample_of_commits_and_undos_that_are_killed(here: Lives, made: tuple[str, ...]) -> None:
    case = held(here, *made)
    assert steps(lambda at: killed_commit(case, at), 7, 37) > 40
    assert steps(lambda at: killed_undo(case, at), 11, 41) > 40


def test_recovery_that_is_killed_is_finished_by_the_next(here: Lives) -> None:
    case = held(here, *FILES_AND_ROWS)
    at = steps(lambda at: killed_commit(case, at), 1, 1000)
    assert at == 1001
    assert steps(lambda again: killed_recovery(case, "commit", 60, again), 1, 9) > 10


def swept(here: Lives) -> tuple[Case, str]:
    """One action that is committed, and one that is held and past its time."""
    case = held(here, FILES)
    here.put_back()
    here.well(["commit", case.action, "--yes"])
    late = here.act("echo late > late; head -c 100000 /dev/zero > large", "--hold")
    # Committed here and now: what is undone later is told by inodes, which a copy would not have.
    return case, late


def killed_sweep(case: Case, late: str, at: int) -> bool:
    here = case.here
    killed = here.live(["gc"], kill=at, days=2).killed
    status = settle(case, "COMMITTED", "COMMITTED")
    assert status == "COMMITTED"
    life = here.well(["show", late, "--json"], ["diff", late, "--json"] if at < 0 else ["log"])
    assert life.json(0)["status"] in ("HELD", "DISCARDED")
    here.well(["undo", case.action, "--yes"])
    assert here.look() == case.before
    again = here.well(["redo", case.action, "--json"]).json(0)["action"]["id"]
    assert here.look() == case.after
    case.action = again
    return killed


@pytest.mark.campaign
@pytest.mark.parametrize("made", [FILES_ONLY, FILES_AND_ROWS], ids=["files", "files and rows"])
@pytest.mark.parametrize("killed", [killed_commit, killed_undo])
def test_crash_matrix_of_the_product(here: Lives, made: tuple[str, ...], killed: Callable[[Case, int], bool]) -> None:
    case = held(here, *made)
    assert steps(lambda at: killed(case, at)) > 30


@pytest.mark.campaign
@pytest.mark.parametrize("verb", ["commit", "undo"])
@pytest.mark.parametrize("made", [FILES_ONLY, FILES_AND_ROWS], ids=["files", "files and rows"])
def test_crash_matrix_of_recovery(here: Lives, made: tuple[str, ...], verb: str) -> None:
    case = held(here, *made)
    for at in range(20, 200, 23):
        here.put_back()
        steps(lambda again, at=at: killed_recovery(case, verb, at, again))


@pytest.mark.campaign
def test_crash_matrix_of_the_sweep(here: Lives) -> None:
    case, late = swept(here)
    assert steps(lambda at: killed_sweep(case, late, at)) > 10
