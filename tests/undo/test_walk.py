"""Walks through commits, undos and redos: wherever one leads back to, everything is as it was there."""

from __future__ import annotations

import random

import pytest

from sandbox.v1 import action_pb2
from tests.undo.world import Look, Mode, World, look

pytestmark = pytest.mark.jail
LATER = action_pb2.UndoRequest.LaterWriters
_SCRIPTS = (
    "mkdir -p d/e; echo {n} > d/e/a",
    "[ -d d ] && mv d f{n} || echo {n} > d",
    "echo {n} >> log; chmod 6{m}0 log",
    "ln -sf {n} link; [ -f log ] && ln log hard{n} || true",
    "rm -rf f* d",
    "for i in 1 2 3; do echo {n} > many$i; done",
    "[ -f log ] && mv log log{n} || echo {n} > log",
    "mkfifo p{n}; truncate -s 1M hole{n}",
)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_wherever_a_walk_leads_back_to_all_is_as_it_was(world: World, seed: int):
    chance = random.Random(seed)
    states: list[tuple[action_pb2.Action | None, Look]] = [(None, look(world.path))]
    undone: list[tuple[action_pb2.Action, Look]] = []
    for number in range(25):
        way = chance.random()
        if way < 0.5 or len(states) == 1:
            script = chance.choice(_SCRIPTS).format(n=number, m=chance.randrange(8))
            action = world.run(script, mode=Mode.COMMIT)
            if not action.effects:
                continue
            assert world.status(action) == "COMMITTED", script
            states.append((action, look(world.path)))
            undone = []
        elif way < 0.8:
            # Newest first, as `undo --to` does it.
            back = chance.randrange(1, len(states))
            for action, after in reversed(states[back:]):
                assert world.undo(action).done
                undone.append((action, after))
            states = states[:back]
            assert look(world.path) == states[-1][1]
        elif undone:
            action, after = undone.pop()
            answer = world.redo(action)
            assert answer.done, answer
            states.append((answer.action, after))
            assert look(world.path) == after


def test_what_was_made_anew_in_a_moved_folder_is_known_again_when_the_folder_is_back(world: World):
    before = look(world.path)
    made = world.run("mkdir -p d/e; echo 1 > d/e/a", mode=Mode.COMMIT)
    moved = world.run("mv d f", mode=Mode.COMMIT)
    removed = world.run("rm -r f", mode=Mode.COMMIT)
    for action in (removed, moved, made):
        assert world.undo(action).done
    assert look(world.path) == before
