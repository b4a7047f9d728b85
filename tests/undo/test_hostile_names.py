"""Names and arguments that are long or odd: what an action was is written down clipped, and nothing fails over it."""

from __future__ import annotations

import os

import grpc
import pytest

from sandbox.v1 import action_pb2, verdict_pb2
from tests.undo.test_scored import wants
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail

# A hundred files below nested folders, all of bytes that are no text: a name in the journal is five times as long.
_MANY = """
import os
folder = b"%s"
os.makedirs(folder, exist_ok=True)
os.chdir(folder)
for depth in range(6):
    name = b"\\xff" * 250
    os.mkdir(name)
    os.chdir(name)
for number in range(100):
    open(b"\\xfe" * 200 + str(number).encode(), "w").write("x")
"""


def many(folder: str) -> list[str]:
    return ["python3", "-c", _MANY % folder]


def test_refusals_of_long_names_are_a_refusal(world: World):
    before = look(world.path)
    action = world.execute(many("private"), policy="narrow").action
    assert world.status(action) == "DENIED"
    assert action.refused
    assert look(world.path) == before


def test_a_scored_program_that_is_refused_long_names_has_a_verdict(world: World):
    verdict = world.score(_MANY % "private", wants(nothing_else=True), policy="narrow")
    (test,) = verdict.tests
    assert test.status == verdict_pb2.SECURITY_VIOLATION


def test_conflicts_over_long_names_are_a_conflict(world: World):
    action = world.execute(many("d"), mode=Mode.COMMIT).action
    assert world.status(action) == "COMMITTED"
    for folder, _, files in os.walk(os.fsencode(world.path)):
        fd = os.open(b"/", os.O_RDONLY)
        for part in folder.strip(b"/").split(b"/"):
            below = os.open(part, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        for name in files:
            with open(name, "w", opener=lambda path, flags, at=fd: os.open(path, flags, dir_fd=at)) as file:
                file.write("theirs")
        os.close(fd)
    answer = world.undo(action)
    assert not answer.done and len(answer.conflicts) >= 100
    assert world.status(action) == "COMMITTED"


@pytest.mark.parametrize("character", ["\x01", "\U0001f600"])
def test_long_arguments_are_written_down_clipped(world: World, character: str):
    action = world.execute(["true", *[character * 512] * 80]).action
    assert world.status(action) == "COMMITTED"
    assert action.command[0] == "true"


def test_a_long_idempotency_key_and_principal_are_no_failure_of_ours(world: World):
    fields = {"idempotency_key": "\U0001f600" * 256, "principal": "\U0001f600" * 256}
    action = world.execute(["true", *["\x01" * 512] * 80], **fields).action
    assert world.status(action) == "COMMITTED"


def test_a_database_whose_name_is_long_many_times_is_told(world: World):
    folder = f"{'d' * 250}/" * 12
    names = [f"{folder}{number}.db" for number in range(60)]
    script = f"import os\nos.makedirs({folder!r})\nfor n in range(60): open(f'{folder}{{n}}.db', 'w').write('none')"
    databases = [action_pb2.Database(name=name, mode=action_pb2.Database.JOURNAL) for name in names]
    action = world.execute(["python3", "-c", script], databases=databases).action
    assert world.status(action) == "HELD"


def test_a_failure_of_ours_has_a_status_that_says_so(world: World):
    os.mkdir(world.path / "d")
    action = world.run("echo hi > d/a", mode=Mode.COMMIT)
    os.rename(world.path, world.path.with_name(world.path.name + "-away"))
    with pytest.raises(grpc.RpcError) as raised:
        world.undo(action)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
    os.rename(world.path.with_name(world.path.name + "-away"), world.path)
    assert world.undo(action).done
