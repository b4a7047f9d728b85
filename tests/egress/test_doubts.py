"""Calls whose answer nobody saw: what became of them is found out before anything is said of them."""

from __future__ import annotations

import pytest

from sandbox.effects.http.doubts import settle
from sandbox.effects.http.episode import Episode
from sandbox.model.effects import Class
from tests.egress.world import World


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "truncate"])
def test_a_lost_answer_to_a_post_is_asked_for_again_with_the_same_key(world: World, fault: str) -> None:
    world.shop.fault("POST", "/orders", fault)
    answer = world.call("POST", "/orders", {"item": "tea"})
    assert (answer.status, "sandbox-in-doubt" in answer.headers) == (504, True)
    effects = world.stop()
    assert [each.cls for each in effects] == [Class.COMPENSATABLE]
    assert (world.shop.count, len({each.key for each in world.shop.calls("POST")})) == (1, 1)
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


def test_a_program_that_tries_again_makes_no_second_order(world: World) -> None:
    world.shop.fault("POST", "/orders", "drop_after")
    assert world.call("POST", "/orders", {"item": "tea"}).status == 504
    assert world.call("POST", "/orders", {"item": "tea"}).status == 201
    assert (world.shop.count, len(world.stop())) == (1, 1)


def test_without_idempotency_a_post_in_doubt_is_unknown_and_not_sent_again(world: World) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = False
    world.shop.fault("POST", "/orders", "drop_after")
    world.call("POST", "/orders", {"item": "tea"})
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]
    assert len(world.shop.calls("POST")) == 1


@pytest.mark.parametrize(("fault", "found"), [("drop_before", []), ("drop_after", [Class.RESIDUE])])
def test_a_look_tells_whether_a_put_was_carried_out(world: World, fault: str, found: list[Class]) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = False
    world.shop.put("/things/1", {"name": "a"})
    world.shop.fault("PUT", "/things/1", fault)
    assert world.call("PUT", "/things/1", {"name": "b"}).status == 504
    effects = world.stop()
    assert [each.cls for each in effects] == found
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "a"}}


@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_put_that_a_program_tries_again_is_taken_back(world: World, fault: str, idempotent: bool) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = world.shop.idempotent = idempotent
    world.shop.put("/things/1", {"name": "a"})
    world.shop.fault("PUT", "/things/1", fault)
    assert [world.call("PUT", "/things/1", {"name": "b"}).status for _ in range(2)] == [504, 200]
    effects = world.stop()
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "a"}}


def test_what_is_in_doubt_is_found_out_before_it_is_changed_again(world: World) -> None:
    world.shop.fault("PUT", "/things/1", "drop_after")
    assert [world.call("PUT", "/things/1", {"name": name}).status for name in "ab"] == [504, 200]
    effects = world.stop()
    assert [each.op for each in effects] == ["create", "put"]
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


def test_a_post_that_may_have_been_done_twice_is_not_forgotten(world: World) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = world.shop.idempotent = False
    world.shop.fault("POST", "/orders", "drop_after")
    assert [world.call("POST", "/orders", {"item": "tea"}).status for _ in range(2)] == [504, 201]
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN, Class.COMPENSATABLE]


@pytest.mark.parametrize("type_", ["application/merge-patch+json", "application/json"])
def test_a_patch_in_doubt_is_certain_where_its_result_can_be_told(world: World, type_: str) -> None:
    world.shop.put("/things/1", {"name": "a", "more": 1})
    world.shop.fault("PATCH", "/things/1", "drop_after")
    world.call("PATCH", "/things/1", {"more": None, "less": 2}, content_type=type_)
    certain = Class.RESIDUE if "merge" in type_ else Class.UNKNOWN
    assert [each.cls for each in world.stop()] == [certain]


@pytest.mark.parametrize("idempotent", [True, False])
def test_what_somebody_else_may_have_changed_meanwhile_is_unknown(world: World, idempotent: bool) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = idempotent
    world.shop.put("/things/1", {"name": "a"})
    world.shop.fault("PUT", "/things/1", "drop_before")
    world.call("PUT", "/things/1", {"name": "b"})
    world.shop.put("/things/1", {"name": "foreign"})
    assert [each.cls for each in world.stop()] == [Class.UNKNOWN]
    assert world.shop.state() == {"/things/1": {"name": "foreign"}}


def test_a_server_that_fails_leaves_a_doubt(world: World) -> None:
    world.shop.fault("POST", "/orders", "500")
    assert world.call("POST", "/orders", {"item": "tea"}).status == 500
    assert [each["phase"] for each in world.journal.phases("in_doubt")] == ["in_doubt"]
    assert [each.cls for each in world.stop()] == [Class.COMPENSATABLE]


def test_whatever_fails_after_the_call_leaves_a_doubt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours between the answer and its record: the effect is found out, not forgotten."""
    import threading

    failed = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    with monkeypatch.context() as patch:
        patch.setattr("sandbox.effects.http.changing.by_answer", lambda *_: 1 // 0)
        with pytest.raises(OSError):
            world.call("POST", "/orders", {"item": "tea"})
    effects = world.stop()
    assert len(failed) == 1
    assert [each.cls for each in effects] == [Class.COMPENSATABLE]
    assert world.shop.count == 1


@pytest.mark.parametrize("depth", [500, 990, 2_000, 50_000])
def test_a_body_nested_deep_is_an_effect_like_any_other(world: World, depth: int) -> None:
    world.shop.things["/things/1"] = "a"
    body = b'{"a":' * depth + b"1" + b"}" * depth
    world.call("POST", "/orders", body)
    world.call("PUT", "/things/1", body)
    world.stop()
    assert len(world.journal.phases("intent")) == 2


def test_no_connection_is_no_doubt_and_no_effect(world: World) -> None:
    world.shop.faults.clear()
    port = int(world.shop.url.rpartition(":")[2])
    world.rules.hosts["shop"].table.__dict__["ports"] = (port, 1)
    assert world.call("POST", "http://shop.test:1/orders", {"item": "tea"}).status == 502
    assert [each["phase"] for each in world.journal.phases("not_sent")] == ["not_sent"]
    assert world.stop() == []


def test_an_intent_in_the_journal_is_all_that_recovery_needs(world: World) -> None:
    """The process dies between intent and answer: another one finds out, from the records only."""
    world.shop.fault("POST", "/orders", "drop_after")
    world.call("POST", "/orders", {"item": "tea"})
    [intent] = world.journal.phases("intent")
    episode = Episode.open(
        world.rules, world.blobs, world.journal, "another", resolver=lambda host, port: ["127.0.0.1"]
    )
    effect = settle(episode, intent)
    episode.upstream.close()
    assert effect is not None and effect.cls is Class.COMPENSATABLE
    world.live().apply([effect], "pre", world.journal)
    assert (world.shop.state(), world.shop.count) == ({}, 1)
