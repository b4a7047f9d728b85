"""Undo rules are reached on a real server, and what the command saw is what docs/policies.md says."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import grpc
import pytest

from sandbox.v1 import action_pb2
from tests.policies.conftest import Acting, acting_under
from tests.policies.written import copied, extending
from tests.undo.world import Mode, World

pytestmark = pytest.mark.jail
RULES = {
    "few_bytes": "bytes = 1_048_576",
    "few_files": "inodes = 16",
    "few_rows": "rows = 3",
    "one_folder": 'allow = ["here/**"]',
    "short_hold": "hold_s = 1",
}
WRITES = """
import errno
try:
    with open("large", "wb", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(65536))
except OSError as error:
    print(errno.errorcode[error.errno])
"""
MAKES = """
import errno
try:
    for number in range(100):
        open(f"file{number}", "x").close()
except OSError as error:
    print(errno.errorcode[error.errno])
"""
INSERTS = """
import sqlite3
with sqlite3.connect("shop.db") as shop:
    shop.executemany("insert into orders values (?)", [(n,) for n in range({})])
print("inserted")
"""


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acting]:
    policies = copied(tmp_path_factory.mktemp("rules"))
    for name, rule in RULES.items():
        extending(policies, name, f"[actions]\n{rule}\n", base="actions")
    with acting_under(policies, tmp_path_factory.mktemp("acting")) as found:
        yield found


@pytest.mark.parametrize(("policy", "program"), [("few_bytes", WRITES), ("few_files", MAKES)])
def test_a_branch_that_is_full_is_enospc(world: World, policy: str, program: str):
    assert world.execute(["python3", "-c", program], policy=policy).stdout == b"ENOSPC\n"
    assert world.execute(["python3", "-c", program], policy="actions").stdout == b""


def test_more_rows_than_are_allowed_let_the_action_fail(world: World):
    with sqlite3.connect(world.path / "shop.db") as shop:
        shop.execute("create table orders (id integer primary key)")
    shop.close()
    database = action_pb2.Database(name="shop.db", mode=action_pb2.Database.JOURNAL)
    fields = {"policy": "few_rows", "databases": [database], "mode": Mode.HOLD}
    with pytest.raises(grpc.RpcError) as caught:
        world.execute(["python3", "-c", INSERTS.format(4)], **fields)
    assert (caught.value.code(), caught.value.details()) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "workspace: shop.db: more than 3 rows changed",
    )
    answer = world.execute(["python3", "-c", INSERTS.format(3)], **fields)
    assert (answer.stdout, world.status(answer.action)) == (b"inserted\n", "HELD")


def test_what_allow_does_not_name_is_denied_after_the_command_ended_well(world: World):
    (world.path / "here").mkdir()
    action = world.run("echo 1 > here/a; echo 2 > b", policy="one_folder")
    assert (action.exit_code, world.status(action)) == (0, "DENIED")
    assert [*action.refused] == ["allow: files:b is in none of them"]
    assert world.status(world.run("echo 1 > here/a", policy="one_folder")) == "HELD"


def test_an_action_that_nobody_commits_is_dropped_when_its_time_is_over(world: World):
    action = world.run("echo 1 > a", policy="short_hold")
    assert world.status(action) == "HELD"
    assert 0 < action.expires_ms - action.created_ms < 60_000
    time.sleep(max(0, action.expires_ms / 1000 - time.time()) + 0.1)
    with pytest.raises(grpc.RpcError, match="cannot be committed"):
        world.commit(action)
    assert world.status(action) == "DISCARDED"
    assert not (world.path / "a").exists()
