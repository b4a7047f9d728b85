"""What a POST did is told by its answer, and what takes it back is bound to that answer."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.effects.adapter import ConflictError, QuarantinedError
from sandbox.model.effects import Class
from tests.egress.world import CALLS, World

Make = Callable[..., World]

BY_ID = CALLS.replace('inverse = { url = "{location}" }', 'inverse = { url = "{request.path}/{response.id}" }')
OPENAPI = """
openapi: 3.1.0
paths:
  /orders:
    post: {}
  /orders/{order_id}:
    get: {}
    delete: {}
  /letters:
    post: {}
"""


def create(make: Make, creating: str, calls: str = CALLS, **options: str) -> tuple[World, int]:
    world = make(calls=calls, **options)
    world.shop.creating = creating
    return world, world.call("POST", "/orders", {"item": "tea"}).status


@pytest.mark.parametrize(
    ("creating", "calls", "cls"),
    [
        ("location", CALLS, Class.COMPENSATABLE),
        ("id", BY_ID, Class.COMPENSATABLE),
        ("id", CALLS, Class.UNKNOWN),
        ("nothing", CALLS, Class.UNKNOWN),
        ("nothing", BY_ID, Class.UNKNOWN),
        ("later", CALLS, Class.UNKNOWN),
        ("later", CALLS.replace("inverse = {", 'accepted = "compensatable"\ninverse = {'), Class.COMPENSATABLE),
        ("elsewhere", CALLS, Class.UNKNOWN),
        ("above", CALLS, Class.UNKNOWN),
    ],
)
def test_the_class_is_that_of_the_answer(make_world: Make, creating: str, calls: str, cls: Class) -> None:
    world, status = create(make_world, creating, calls)
    assert status in (200, 201, 202)
    effects = world.stop()
    assert [each.cls for each in effects] == [cls]
    if cls is Class.COMPENSATABLE:
        world.live().apply(effects, "pre", world.journal)
        assert world.shop.state() == {}
    else:
        with pytest.raises(ConflictError):
            world.live().apply(effects, "pre", world.journal)
        assert world.shop.calls("DELETE") == []


@pytest.mark.parametrize(("keys", "orders"), [(("mine", "mine"), 1), (("mine", "yours"), 2), (("", ""), 2)])
def test_a_call_made_twice_is_taken_back_as_often_as_it_was_done(world: World, keys: tuple, orders: int) -> None:
    for key in keys:
        headers = {"Idempotency_Key": key} if key else {}
        assert world.call("POST", "/orders", {"item": "tea"}, **headers).status == 201
    assert world.shop.count == orders
    assert not {"mine", "yours"} & {each.key for each in world.shop.seen}
    effects = world.stop()
    assert world.live().apply(effects, "pre", world.journal).written == orders
    assert world.shop.state() == {}


def test_an_id_that_would_climb_is_one_segment_or_nothing(make_world: Make) -> None:
    world = make_world(calls=BY_ID)
    world.shop.creating = "id"
    for hostile in ["../admin/1", "..", ".", "%2e%2e", "..;", "a/b", "a\\b", "x" * 600, "", None, {"a": 1}, True]:
        world.shop.given_id = hostile
        assert world.call("POST", "/orders", {"n": str(hostile)}).status == 201
    effects = world.stop()
    assert {each.cls for each in effects} == {Class.UNKNOWN}
    assert world.shop.calls("GET") == []


def test_a_post_without_a_known_inverse_is_refused_held_or_unknown_as_the_rule_says(make_world: Make) -> None:
    calls = CALLS + "".join(
        f'[calls.{name}]\nhost = "shop"\nmethods = ["POST"]\npaths = ["/{name}"]\nwithout_inverse = "{name}"\n'
        for name in ("deny", "outbox", "send")
    )
    world = make_world(calls=calls)
    assert world.call("POST", "/deny", {}).status == 403
    held = world.call("POST", "/outbox", {})
    assert (held.status, world.shop.calls("POST")) == (202, [])
    assert world.call("POST", "/send", {}).status == 201
    assert [each.path for each in world.shop.calls("POST")] == ["/send"]
    assert [each.cls for each in world.stop()] == [Class.BUFFERED, Class.UNKNOWN]


def test_what_may_have_been_there_before_is_not_deleted(make_world: Make) -> None:
    """A POST that answers 200 with an id may show what somebody else had made."""
    world, status = create(make_world, "found", BY_ID)
    assert status == 200
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]
    assert len(world.journal.kinds("deviation")) == 1


def test_a_rule_may_say_that_200_means_made(make_world: Make) -> None:
    world, _ = create(make_world, "found", BY_ID.replace('{response.id}"', '{response.id}", created = [200]'))
    effects = world.stop()
    assert [each.cls for each in effects] == [Class.COMPENSATABLE]
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


@pytest.mark.parametrize("creating", ["location", "id"])
def test_a_description_tells_what_takes_a_post_back(make_world: Make, creating: str, tmp_path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shop.yaml").write_text(OPENAPI)
    calls = CALLS.replace('inverse = { url = "{location}" }', "").replace('"/canary"', '"/letters"')
    world, _ = create(make_world, creating, calls, host='openapi = "shop.yaml"')
    assert world.call("POST", "/letters", {}).status == 403
    effects = world.stop()
    assert [(each.cls, each.inverse["source"]) for each in effects] == [(Class.COMPENSATABLE, "openapi")]
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


CANCEL = CALLS.replace(
    'inverse = { url = "{location}" }',
    'inverse = { method = "POST", url = "{location}/cancel", '
    'verify = { url = "{location}", json = { status = "cancelled" } } }',
)


def test_a_compensation_by_another_call_is_told_by_its_postcondition(make_world: Make) -> None:
    world, _ = create(make_world, "location", CANCEL)
    effects = world.stop()
    assert [(each.cls, each.residue) for each in effects] == [(Class.COMPENSATABLE, ("history",))]
    done = world.live().apply(effects, "pre", world.journal)
    assert world.shop.state()["/orders/1"]["status"] == "cancelled"
    assert world.live().verify(effects, "pre") == []
    assert world.live().apply(effects, "pre", world.journal, done.landed).already == 1
    assert len([each for each in world.shop.calls("POST") if each.path.endswith("/cancel")]) == 1
    assert [each.facet for each in world.live().check(effects, "post", done.landed)] == ["redo"]


def test_a_compensation_that_lies_is_caught(make_world: Make) -> None:
    world, _ = create(make_world, "location", CANCEL)
    effects = world.stop()
    assert world.live().apply(effects, "post", world.journal).already == 1
    world.shop.fault("POST", "/orders/1/cancel", "lie")
    with pytest.raises(QuarantinedError):
        world.live().apply(effects, "pre", world.journal)
    assert [each.facet for each in world.live().verify(effects, "pre")] == ["postcondition"]


def test_what_was_made_and_changed_is_gone_again_and_not_made_again(world: World) -> None:
    world.call("POST", "/orders", {"item": "tea"})
    world.call("PUT", "/orders/1", {"item": "milk"})
    effects = world.stop()
    undone = world.live().apply(effects, "pre", world.journal)
    assert (world.shop.state(), undone.written) == ({}, 1)
    assert [each.facet for each in world.live().check(effects, "post", undone.landed)] == ["redo"]


RECREATE = CALLS.replace(
    'paths = ["/orders/*", "/things/**"]', 'paths = ["/orders/*"]\nrecreate = "POST"\nvolatile = ["id"]'
)


def test_what_comes_again_under_a_new_name_is_residue_and_found_again_later(make_world: Make) -> None:
    world = make_world(calls=RECREATE)
    world.shop.put("/orders/77", {"item": "tea", "id": 77})
    world.call("DELETE", "/orders/77")
    effects = world.stop()
    assert effects[0].residue == ("id",)
    undone = world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/orders/1": {"item": "tea", "id": 1}}
    assert "now" in undone.residue[0] and "/orders/1" in undone.residue[0]
    assert world.live().verify(effects, "pre", undone.landed) == []
    assert world.live().apply(effects, "pre", world.journal, undone.landed).already == 1
    world.live().apply(effects, "post", world.journal, undone.landed)
    assert world.shop.state() == {}


def test_a_created_resource_is_created_again_by_redo_and_undone_again(world: World) -> None:
    world.call("POST", "/orders", {"item": "tea"})
    effects = world.stop()
    live = world.live()
    undone = live.apply(effects, "pre", world.journal)
    redone = live.apply(effects, "post", world.journal, undone.landed)
    assert world.shop.state() == {"/orders/2": {"item": "tea", "id": 2}}
    assert live.apply(effects, "post", world.journal, redone.landed).already == 1
    live.apply(effects, "pre", world.journal, redone.landed)
    assert world.shop.state() == {}


PATCHED = CALLS.replace('paths = ["/orders/*", "/things/**"]', 'paths = ["/things/**"]\nput_back = "PATCH"')


def test_a_merge_patch_leads_back(make_world: Make) -> None:
    world = make_world(calls=PATCHED)
    world.shop.put("/things/1", {"name": "a", "deep": {"x": 1, "y": 2}})
    before = world.shop.state()
    world.call("PATCH", "/things/1", {"name": None, "more": 3, "deep": {"x": 5}})
    effects = world.stop()
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == before
    assert json.loads(world.shop.calls("PATCH")[1].body) == {"more": None, "deep": {"x": 1}, "name": "a"}


def test_a_null_that_no_merge_patch_can_set_is_unknown_from_the_start(make_world: Make) -> None:
    world = make_world(calls=PATCHED)
    world.shop.put("/things/1", {"name": None})
    world.call("PATCH", "/things/1", {"name": "b"})
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]


def test_a_rule_can_only_make_a_class_worse(make_world: Make) -> None:
    world = make_world(calls=CALLS.replace('paths = ["/orders/*", "/things/**"]', 'paths = ["/**"]\nclass = "unknown"'))
    world.call("PUT", "/things/1", {"name": "b"})
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]


CALLER = (
    CALLS
    + """
[calls.letters]
host = "shop"
methods = ["POST"]
paths = ["/letters"]
caller_inverse = true
canary = "/canary"

[calls.letter]
host = "shop"
methods = ["DELETE"]
paths = ["/letters/*", "/canary/*"]
"""
)
GIVEN = '{"method": "DELETE", "url": "{location}"}'


def test_an_inverse_of_the_caller_counts_after_a_drill_on_the_canary(make_world: Make) -> None:
    world = make_world(calls=CALLER)
    assert world.call("POST", "/letters", {"to": "you"}, Sandbox_Inverse=GIVEN).status == 201
    assert world.call("POST", "/letters", {"to": "me"}, Sandbox_Inverse=GIVEN).status == 201
    assert [each["ok"] for each in world.journal.kinds("drill")] == [True]
    effects = world.stop()
    assert {(each.cls, each.inverse["source"]) for each in effects} == {(Class.COMPENSATABLE, "caller")}
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}
    assert not any("sandbox-inverse" in each.headers for each in world.shop.seen)


@pytest.mark.parametrize(
    ("inverse", "why"),
    [
        ("{}garbage", "JSON"),
        ('{"url": "/admin/1"}', "has to start with"),
        ('{"url": "{location}", "within": "/**"}', "only rules"),
        ('{"method": "POST", "url": "{location}/undo"}', "verify"),
        ('{"url": "{request.path}/{response.missing}"}', "response.missing"),
        ('{"url": "{request.path}/{response.id}/other"}', "the rules allow"),
    ],
)
def test_an_inverse_of_the_caller_that_does_not_count_stops_the_call(make_world: Make, inverse: str, why: str) -> None:
    world = make_world(calls=CALLER)
    answer = world.call("POST", "/letters", {"to": "you"}, Sandbox_Inverse=inverse)
    assert answer.status == 422
    assert why in answer.json()["egress"]
    assert "/letters" not in {each.path for each in world.shop.calls("POST")}


def test_an_inverse_that_is_allowed_on_the_canary_only_is_worth_nothing(make_world: Make) -> None:
    world = make_world(calls=CALLER.replace('"/letters/*", "/canary/*"', '"/canary/*"'))
    world.call("POST", "/letters", {"to": "you"}, Sandbox_Inverse=GIVEN)
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]


def test_a_drill_that_fails_stops_the_call(make_world: Make) -> None:
    world = make_world(calls=CALLER)
    world.shop.fault("DELETE", "/canary/1", "lie")
    answer = world.call("POST", "/letters", {"to": "you"}, Sandbox_Inverse=GIVEN)
    assert (answer.status, answer.json()["egress"]) == (422, "the inverse does not count: the inverse changed nothing")
    assert world.journal.kinds("drill")[0]["ok"] is False
