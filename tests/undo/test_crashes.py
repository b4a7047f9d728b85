"""Command lines that are killed before any system call that changes something: it is before or after, never between."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import action_pb2_grpc, reward_pb2_grpc
from tests.serving import serving
from tests.undo.lives import Kill, Lives, lives
from tests.undo.world import Look, World, look

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


def deaths(case: Case, verb: str) -> list[Kill]:
    """Where commit or undo of the action could be killed."""
    begin(case, verb)
    return case.here.deaths([verb, case.action, "--yes"])


def begin(case: Case, verb: str) -> None:
    case.here.put_back()
    if verb == "undo":
        case.here.well(["commit", case.action, "--yes"])


def dies(case: Case, verb: str, kill: Kill) -> None:
    """Killed there it is before or after, and can be done again, and taken back."""
    here = case.here
    begin(case, verb)
    if not here.live([verb, case.action, "--yes"], kill=kill).killed:
        return
    settle(case, "HELD" if verb == "commit" else "UNDONE", "COMMITTED")
    here.well([verb, case.action, "--yes"])
    assert here.look() == (case.after if verb == "commit" else case.before)
    here.well(["undo", case.action, "--yes"] if verb == "commit" else ["redo", case.action])
    assert here.look() == (case.before if verb == "commit" else case.after)


def dies_again(case: Case, verb: str, kill: Kill, again: Kill) -> None:
    """Killed there, and in its recovery."""
    here = case.here
    begin(case, verb)
    here.live([verb, case.action, "--yes"], kill=kill)
    here.live(["recover"], kill=again)
    settle(case, "HELD" if verb == "commit" else "UNDONE", "COMMITTED")
    here.well(["undo", case.action, "--yes"])
    assert here.look() == case.before


def recoveries(case: Case, verb: str, kill: Kill) -> list[Kill]:
    """Where the recovery after that death could be killed."""
    begin(case, verb)
    case.here.live([verb, case.action, "--yes"], kill=kill)
    return case.here.deaths(["recover"])


MADE = pytest.mark.parametrize("made", [FILES_ONLY, FILES_AND_ROWS], ids=["files", "files and rows"])
VERB = pytest.mark.parametrize("verb", ["commit", "undo"])


@MADE
@VERB
def test_sample_of_commits_and_undos_that_are_killed(here: Lives, made: tuple[str, ...], verb: str) -> None:
    case = held(here, *made)
    kills = deaths(case, verb)
    assert len(kills) > 60
    for kill in kills[:: len(kills) // 5]:
        dies(case, verb, kill)


def test_sample_of_recoveries_that_are_killed(here: Lives) -> None:
    case = held(here, *FILES_AND_ROWS)
    kills = deaths(case, "commit")
    kill = kills[len(kills) * 3 // 4]
    again = recoveries(case, "commit", kill)
    assert len(again) > 10
    for each in again[:: len(again) // 4]:
        dies_again(case, "commit", kill, each)


def test_rows_that_recovery_takes_back_and_is_killed_at_leave_no_files_behind(here: Lives) -> None:
    """Killed when the rows were committed and nothing of the files was begun."""
    case = held(here, *FILES_AND_ROWS)
    kills = deaths(case, "commit")
    renamed = next(number for number, kill in enumerate(kills) if kill[0] == "renameat2")
    committed = max(number for number, kill in enumerate(kills[:renamed]) if kill[0] == "unlink")
    kill = kills[committed + 1]
    again = recoveries(case, "commit", kill)
    for each in again[:: len(again) // 12]:
        dies_again(case, "commit", kill, each)


def test_what_recovery_finished_does_not_stand_in_the_way_of_earlier_actions(here: Lives) -> None:
    (here.workspace / "a").write_text("0\n")
    before = here.look()
    first = here.act("echo 1 >> a; mkdir d; echo 1 > d/f", "--commit")
    between = here.look()
    second = here.act("echo 2 >> a; rm d/f", "--commit")
    # Between the renames: recovery goes on.
    assert here.live(["undo", second, "--yes"], kill=("renameat2", 2)).killed
    assert "is finished" in here.well(["recover"]).ended[0][1]
    assert here.look() == between
    here.well(["undo", first, "--yes"])
    assert here.look() == before


def test_what_somebody_was_killed_at_is_finished_by_the_server_that_goes_on(here: Lives) -> None:
    furnish(here.workspace)
    with (
        serving(str(here.folder / "home"), roots=[str(here.folder)]) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        actions, rewards = action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel)
        world = World(here.workspace, actions, rewards)
        before = look(here.workspace)
        dropped, action = world.run(FILES), world.run(FILES)
        for each in (dropped, action):
            assert here.live(["commit", each.id, "--yes"], kill=("renameat2", 3)).killed
            if each is dropped:
                assert world.undo(each).done
                assert look(here.workspace) == before
                assert world.status(each) in ("DISCARDED", "UNDONE")
        assert world.commit(action).done
        assert world.status(action) == "COMMITTED"
        assert world.undo(action).done
        assert look(here.workspace) == before


@pytest.mark.campaign
@MADE
@VERB
def test_crash_matrix_of_commit_and_undo(here: Lives, made: tuple[str, ...], verb: str) -> None:
    case = held(here, *made)
    for kill in deaths(case, verb):
        dies(case, verb, kill)


@pytest.mark.campaign
@MADE
@VERB
def test_crash_matrix_of_recovery(here: Lives, made: tuple[str, ...], verb: str) -> None:
    case = held(here, *made)
    for kill in deaths(case, verb)[20::45]:
        for again in recoveries(case, verb, kill):
            dies_again(case, verb, kill, again)


@pytest.mark.campaign
def test_crash_matrix_of_the_sweep(here: Lives) -> None:
    """Nothing that a committed action needs is let go, and what is held is either dropped or whole."""
    case = held(here, FILES)
    begin(case, "commit")
    late = here.act("echo late > late; head -c 100000 /dev/zero > large")
    here.keep()
    here.well(["commit", case.action, "--yes"])
    for kill in here.deaths(["gc"], days=2):
        begin(case, "undo")
        here.live(["gc"], kill=kill, days=2)
        assert settle(case, "COMMITTED", "COMMITTED") == "COMMITTED"
        life = here.live(["show", late, "--json"], ["commit", late, "--yes"])
        done = life.json(0)["status"] == "HELD"
        assert (life.ended[1][0] == 0) == done == (here.workspace / "large").exists()
        here.well(*([["undo", late, "--yes"]] if done else []), ["undo", case.action, "--yes"], ["gc"])
        assert here.look() == case.before
