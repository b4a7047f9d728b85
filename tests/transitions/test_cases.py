"""Do, undo, redo, undo: every time everything is as it was, whatever the case."""

from __future__ import annotations

import os

import pytest

from tests.transitions.cases import ALL, Case, _deep, _nothing
from tests.transitions.world import World


def goes_and_comes(world: World, case: Case) -> None:
    case.before(world.root)
    before, after, effects = world.did(case.work, case.moves)
    assert effects
    assert world.live.verify(effects, "post") == []
    undone = world.to("pre", effects)
    assert undone.written > 0
    assert world.scan() == before
    assert world.live.verify(effects, "pre") == []
    redone = world.to("post", effects, undone.landed)
    assert world.scan() == after
    again = world.to("post", effects, redone.landed)
    assert (again.written, again.already) == (0, len(effects))
    assert world.scan() == after
    world.to("pre", effects, redone.landed)
    assert world.scan() == before
    assert [name for name in os.listdir(world.root) if name.startswith(".sandbox")] == []


@pytest.mark.parametrize("case", ALL.values(), ids=ALL.keys())
def test_everything_comes_back_exactly(here: World, case: Case) -> None:
    goes_and_comes(here, case)


@pytest.mark.jail
@pytest.mark.parametrize("case", ALL.values(), ids=ALL.keys())
def test_everything_comes_back_exactly_on_a_disk(on_disk: World, case: Case) -> None:
    goes_and_comes(on_disk, case)


@pytest.mark.jail
def test_a_tree_of_5000_levels_comes_back(here: World) -> None:
    goes_and_comes(here, Case(_nothing, _deep(5000)))
