"""Laws that every backend keeps, for any calls in any order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.effects.adapter import ConflictError
from sandbox.model.effects import Class, Effect
from tests.egress.world import World

THINGS = ["/things/1", "/things/2", "/things/3"]
VALUES = st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional={"more": st.integers(0, 1)})
CALL = st.one_of(
    st.tuples(st.sampled_from(["PUT", "PATCH"]), st.sampled_from(THINGS), VALUES),
    st.tuples(st.just("DELETE"), st.sampled_from(THINGS), st.none()),
    st.tuples(st.just("POST"), st.just("/orders"), VALUES),
)
START = st.dictionaries(st.sampled_from(THINGS), VALUES, max_size=3)
LAWS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def do(world: World) -> Callable[..., list[Effect]]:
    world.stop()
    numbers = count()

    def run(start: dict, calls: list) -> list[Effect]:
        world.shop.things.clear()
        for path, value in start.items():
            world.shop.put(path, value)
        world.listen(action=f"action-{next(numbers)}")
        for method, path, value in calls:
            world.call(method, path, value)
        return world.stop()

    return run


@LAWS
@given(start=START, calls=st.lists(CALL, max_size=7))
def test_undo_takes_everything_back_and_twice_is_once(world: World, do: Callable, start: dict, calls: list) -> None:
    effects = do(start, calls)
    live = world.live()
    assert live.verify(effects, "post") == []
    undone = live.apply(effects, "pre", world.journal)
    assert world.shop.state() == start
    assert live.verify(effects, "pre", undone.landed) == []
    again = live.apply(effects, "pre", world.journal, undone.landed)
    assert (again.written, world.shop.state()) == (0, start)


FAULTS = st.sampled_from(["", "drop_before", "drop_after", "503", "503_after", "truncate", "429"])


@LAWS
@given(start=START, calls=st.lists(st.tuples(CALL, FAULTS, st.booleans()), max_size=6), idempotent=st.booleans())
def test_whatever_goes_wrong_nothing_is_forgotten(
    world: World, do: Callable, start: dict, calls: list, idempotent: bool
) -> None:
    """Answers are lost, calls are tried again: what is not UNKNOWN is taken back; no change is without effect."""
    world.rules.hosts["shop"].table.__dict__["idempotency"] = world.shop.idempotent = idempotent
    world.shop.faults.clear()
    tried = []
    for (method, path, value), fault, again in calls:
        world.shop.fault(method, path, fault, *([""] if again else []))
        tried += [(method, path, value)] * (1 + again)
    effects = do(start, tried)
    world.shop.faults.clear()
    if world.shop.state() != start:
        assert effects
    if all(each.cls is not Class.UNKNOWN for each in effects):
        world.live().apply(effects, "pre", world.journal)
        assert world.shop.state() == start


@LAWS
@given(start=START, calls=st.lists(CALL.filter(lambda call: call[0] != "POST"), max_size=7), rounds=st.integers(1, 3))
def test_redo_leads_to_where_the_calls_led(world: World, do: Callable, start: dict, calls: list, rounds: int) -> None:
    effects = do(start, calls)
    after, landed = world.shop.state(), None
    for _ in range(rounds):
        landed = world.live().apply(effects, "pre", world.journal, landed).landed
        assert world.shop.state() == start
        landed = world.live().apply(effects, "post", world.journal, landed).landed
        assert world.shop.state() == after


@LAWS
@given(start=START, calls=st.lists(CALL, min_size=1, max_size=7), data=st.data())
def test_a_foreign_write_of_anything_is_a_conflict(
    world: World, do: Callable, start: dict, calls: list, data: st.DataObject
) -> None:
    effects = do(start, calls)
    touched = sorted({each.inverse["url"].removeprefix(world.shop.url) for each in effects})
    if not touched:
        return
    path = data.draw(st.sampled_from(touched))
    world.shop.put(path, {"name": "foreign"})
    before, sent = world.shop.state(), len(world.shop.calls("PUT", "PATCH", "POST", "DELETE"))
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    assert (world.shop.state(), len(world.shop.calls("PUT", "PATCH", "POST", "DELETE"))) == (before, sent)


@LAWS
@given(start=START, one=st.lists(CALL, max_size=4), other=VALUES)
def test_what_nobody_called_stays_as_it_is(world: World, do: Callable, start: dict, one: list, other: dict) -> None:
    effects = do(start, one)
    world.shop.put("/things/other", other)
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {**start, "/things/other": other}
