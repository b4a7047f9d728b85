"""What lies where a database was to be: whatever it is, it is told as what it is, and costs the server nothing."""

from __future__ import annotations

import sqlite3

import pytest

from sandbox.v1 import action_pb2
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail
ROWS = [action_pb2.Database(name="d/shop.db", mode=action_pb2.Database.JOURNAL)]


@pytest.fixture
def shop(world: World) -> World:
    (world.path / "d").mkdir()
    database = sqlite3.connect(world.path / "d" / "shop.db")
    database.executescript("create table t (id integer primary key, v); insert into t values (1, 'a');")
    database.close()
    return world


@pytest.mark.parametrize(
    "script",
    [
        "rm d/shop.db; mkfifo d/shop.db",
        "rm d/shop.db; ln -s /etc/passwd d/shop.db",
        "rm d/shop.db; mkdir d/shop.db",
        "mkdir d/shop.db-wal",
        "mkfifo d/shop.db-journal; echo >> d/shop.db",
        "ln -s /proc/self/environ d/shop.db-wal",
        "mv d e; ln -s e d",
        "rm -r d; echo > d",
        'python3 -c \'import os, socket; os.chdir("d"); os.unlink("shop.db"); '
        'socket.socket(socket.AF_UNIX).bind("shop.db")\'',
    ],
)
def test_what_is_no_database_is_told_as_files(shop: World, script: str):
    before = look(shop.path)
    action = shop.run(script, databases=ROWS)
    assert shop.status(action) == "HELD"
    assert not [name for name in shop.effects(action) if name.startswith("sqlite:d/shop.db#")]
    assert shop.undo(action).done
    assert look(shop.path) == before


def test_a_database_that_is_gone_is_told_and_comes_back(shop: World):
    before = look(shop.path)
    action = shop.run("rm d/shop.db", databases=ROWS, mode=Mode.COMMIT)
    assert shop.status(action) == "COMMITTED"
    assert not (shop.path / "d" / "shop.db").exists()
    assert shop.undo(action).done
    assert look(shop.path) == before
