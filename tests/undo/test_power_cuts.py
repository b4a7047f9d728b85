"""The power is cut once an action was said to be committed or undone, before anything else is flushed: it is so."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.transitions.power import Disk, disk
from tests.undo.lives import Lives, lives
from tests.undo.test_crashes import FILES, furnish

pytestmark = pytest.mark.jail
_MEMORY = Path("/dev/shm")
# More than eighty files: what tells them again lies in the store.
MANY = "for n in $(seq 100); do echo $n > many-$n; done; " + FILES
# No link: the file of several names would be one more flush.
MANY = MANY.replace("ln a b; ", "")


@pytest.fixture
def own() -> Iterator[Disk]:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    folder = Path(subprocess.check_output(["mktemp", "-d", "-p", _MEMORY, "power-XXXXXX"], text=True).strip())
    try:
        with disk(folder) as made:
            if made is None:
                pytest.skip("no ext4 can be mounted here")
            yield made
    finally:
        shutil.rmtree(folder)


def _log(here: Lives) -> None:
    for path in (here.folder / "home").rglob("journal.sqlite-wal"):
        fd = os.open(path, os.O_RDONLY)
        os.fdatasync(fd)
        os.close(fd)


def _names(here: Lives) -> None:
    fd = os.open(here.workspace, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


# What else reaches the disk before the power is cut: nothing, the journal alone, names without contents, everything.
REACHES: dict[str, Callable[[Lives], None]] = {
    "nothing": lambda here: None,
    "the journal": _log,
    "names": _names,
    "names and the journal": lambda here: (_names(here), _log(here))[0],
    "everything": lambda here: os.sync(),
}


@pytest.mark.parametrize("script", [FILES.replace("ln a b; ", ""), MANY], ids=["few", "many"])
@pytest.mark.parametrize("reaches", REACHES)
@pytest.mark.parametrize("verb", ["commit", "undo"])
def test_what_was_said_is_so_after_a_power_cut(own: Disk, verb: str, reaches: str, script: str) -> None:
    with lives(own.path) as here:
        furnish(here.workspace)
        before = here.look()
        action = here.act(script)
        if verb == "undo":
            here.well(["commit", action, "--yes"])
        os.sync()
        # The first flush is that of the intent; the second comes behind the answer, when the home is closed.
        life = here.live([verb, action, "--yes"], kill=("syncfs", 2))
        assert life.killed
        after = here.look()
        assert (after != before) == (verb == "commit")
        REACHES[reaches](here)
        image = own.cut()
        here.boot = "another"
        own.start(image)
        life = here.well(["recover", "--json"], ["show", action, "--json"], ["verify", "--json"])
        assert life.json(1)["status"] == ("COMMITTED" if verb == "commit" else "UNDONE"), life.ended
        assert here.look() == after, life.ended
        here.well(["verify", action, "--json"], [("undo" if verb == "commit" else "redo"), action])
        assert (here.look() == before) == (verb == "commit")
        assert not list((here.folder / "home").rglob(".sandbox-stage-*"))


def test_a_later_action_s_flush_is_one_of_what_was_said_before(own: Disk) -> None:
    """Killed within the second action's flush: the first one stays, whatever becomes of the second."""
    with lives(own.path) as here:
        furnish(here.workspace)
        first, second = here.act("echo 1 >> a; rm gone"), here.act("echo 2 > other")
        os.sync()
        life = here.live(["commit", first, "--yes"], kill=("syncfs", 2))
        assert life.killed
        after = here.look()
        assert here.live(["commit", second, "--yes"], kill=("syncfs", 1)).killed
        _log(here)
        image = own.cut()
        here.boot = "another"
        own.start(image)
        life = here.well(["recover", "--json"], ["show", first, "--json"], ["show", second, "--json"])
        assert life.json(1)["status"] == "COMMITTED"
        assert life.json(2)["status"] in ("HELD", "COMMITTED")
        if life.json(2)["status"] == "HELD":
            assert here.look() == after
        here.well(["undo", first, "--yes"])
        assert (here.workspace / "gone").exists()
