"""Branches by name while others use them: discarded, started from, scored in, all at the same time."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from sandbox.v1 import action_pb2, job_pb2
from tests.serving import Serving
from tests.undo.test_scored import wants
from tests.undo.world import World

pytestmark = pytest.mark.jail


def discard(world: World, branch: str) -> action_pb2.TransitionResponse:
    return world.actions.Undo(action_pb2.UndoRequest(branch=branch), timeout=60)


def refusal(call) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code()


def test_a_branch_is_discarded_when_the_action_in_it_has_ended(world: World):
    name = world.path.name + ".a"
    world.run("echo 1 > a", branch=name)
    with ThreadPoolExecutor(2) as pool:
        # Waits until it is told that the other call is on its way: nothing else tells that it runs.
        running = pool.submit(world.run, "sleep 0.5; echo 2 >> a", branch=name)
        while not [each for each in listed(world) if each.status == action_pb2.Action.RUNNING]:
            pass
        dropped = discard(world, name)
        action = running.result()
    assert action.status == action_pb2.Action.HELD and action.effects
    assert action.id in dropped.actions
    assert world.status(action) == "DISCARDED"


def listed(world: World) -> list[action_pb2.Action]:
    return [*world.actions.List(action_pb2.ListActionsRequest(workspace=str(world.path))).actions]


def test_two_that_make_one_branch_at_once_make_one(world: World):
    source, name = world.path.name + ".s", world.path.name + ".n"
    world.run("echo 0 > a", branch=source)
    scripts = [f"echo {number} >> a; cat a" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        calls = [
            pool.submit(world.execute, ["sh", "-euc", script], branch=name, branch_from=source) for script in scripts
        ]
        seen = sorted(len(call.result().stdout.split()) for call in calls)
    assert seen == [2, 3, 4, 5, 6, 7]


def test_nothing_starts_from_a_branch_that_holds_what_the_policy_refused(world: World):
    name = world.path.name + ".a"
    action = world.run("mkdir private; echo 1 > private/a", branch=name, policy="narrow")
    assert world.status(action) == "DENIED"
    code = refusal(lambda: world.run("cat private/a", branch=name + "b", branch_from=name))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert refusal(lambda: world.score("pass", wants(nothing_else=True), branch=name)) is code
    discard(world, name)


def test_a_branch_does_not_start_from_itself(world: World):
    name = world.path.name + ".a"
    assert refusal(lambda: world.run("true", branch=name, branch_from=name)) is grpc.StatusCode.NOT_FOUND
    assert world.run("echo 1 > a", branch=name).effects == 2


def test_scoring_in_a_branch_leaves_it_as_it_is_and_nothing_open(world: World, acting: Serving):
    name = world.path.name + ".a"
    world.run("echo 1 > a", branch=name)
    append = job_pb2.EffectAssertion(resource="files:a", op="modify")

    def scored(count: int) -> int:
        verdict = world.score('open("a", "a").write("x")\n', *[wants(append)] * count, branch=name)
        assert verdict.reward == 1
        return len(os.listdir(f"/proc/{acting.process.pid}/fd"))

    before = scored(4)
    assert scored(40) < before + 20
    after = world.execute(["cat", "a"], branch=name)
    assert after.stdout == b"1\n"
    discard(world, name)
