"""Do, undo, look: what a program called over HTTP is taken back, and whether it was is told by looking."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.effects.adapter import ConflictError, QuarantinedError
from sandbox.model.effects import Class
from tests.egress.world import CALLS, World


def test_a_resource_that_was_created_is_deleted_again(world: World) -> None:
    before = world.shop.state()
    assert world.call("POST", "/orders", {"item": "tea"}).status == 201
    [effect] = world.stop()
    assert (effect.cls, effect.op, effect.residue) == (Class.COMPENSATABLE, "create", ("id",))
    done = world.live().apply([effect], "pre", world.journal)
    assert (done.written, world.shop.state()) == (1, before)
    assert world.live().verify([effect], "pre") == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_resource_that_was_changed_is_put_back(world: World, method: str) -> None:
    world.shop.put("/things/1", {"name": "a", "price": 1})
    before = world.shop.state()
    assert world.call(method, "/things/1", {"name": "b", "more": True}).status == 200
    effects = world.stop()
    assert [each.cls for each in effects] == [Class.RESIDUE]
    assert world.live().apply(effects, "pre", world.journal).residue == (
        f"http:{method} {world.shop.url}/things/1: version",
    )
    assert world.shop.state() == before
    assert world.shop.calls("PUT")[-1].headers["if-match"] == '"2"'


def test_a_resource_that_a_put_created_is_gone_again(world: World) -> None:
    world.call("PUT", "/things/new", {"name": "b"})
    effects = world.stop()
    assert [each.cls for each in effects] == [Class.REVERSIBLE]
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


def test_a_resource_that_was_deleted_comes_again(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    before = world.shop.state()
    assert world.call("DELETE", "/things/1").status == 204
    effects = world.stop()
    assert [each.cls for each in effects] == [Class.COMPENSATABLE]
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == before


def test_undo_twice_is_undo_once_and_redo_and_undo_lead_there_and_back(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    before = world.shop.state()
    world.call("PUT", "/things/1", {"name": "b"})
    world.call("PUT", "/things/2", {"name": "c"})
    world.call("DELETE", "/things/1")
    effects, after = world.stop(), world.shop.state()
    live, landed = world.live(), None
    for _ in range(2):
        undone = live.apply(effects, "pre", world.journal, landed)
        assert world.shop.state() == before
        again = live.apply(effects, "pre", world.journal, undone.landed)
        assert (again.written, again.already) == (0, 2)
        landed = live.apply(effects, "post", world.journal, undone.landed).landed
        assert world.shop.state() == after


def test_a_foreign_write_is_a_conflict_and_changes_nothing(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.shop.put("/things/2", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    world.call("PUT", "/things/2", {"name": "b"})
    effects = world.stop()
    world.shop.put("/things/1", {"name": "foreign"})
    before, calls = world.shop.state(), len(world.shop.calls("PUT", "POST", "DELETE"))
    with pytest.raises(ConflictError) as caught:
        world.live().apply(effects, "pre", world.journal)
    assert [each.facet for each in caught.value.differences] == ["state"]
    assert (world.shop.state(), len(world.shop.calls("PUT", "POST", "DELETE"))) == (before, calls)


def test_a_foreign_write_of_the_same_bytes_is_a_conflict_too(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.shop.put("/things/1", {"name": "b"})
    assert [each.facet for each in world.live().check(effects, "pre")] == ["version"]


def test_a_foreign_write_between_two_own_ones_is_a_conflict(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "b"})
    world.shop.put("/things/1", {"name": "foreign"})
    world.call("PUT", "/things/1", {"name": "c"})
    effects = world.stop()
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "c"}}


def test_a_write_between_the_look_and_the_call_is_refused_by_the_server(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.shop.fault("DELETE", "/things/1", "412")
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "b"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_right_after_the_last_look_is_not_overwritten(world: World, method: str) -> None:
    if method == "PUT":
        world.shop.put("/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.shop.fault("GET", "/things/1", "", "foreign")
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "foreign"}}
    assert world.shop.calls(method)[-1].headers["if-match"]


def test_what_came_again_meanwhile_is_not_overwritten(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.call("DELETE", "/things/1")
    effects = world.stop()
    world.shop.fault("GET", "/things/1", "", "foreign")
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "foreign"}}


def test_commit_finds_what_was_called_done_and_a_foreign_write_since(world: World) -> None:
    world.call("POST", "/orders", {"item": "tea"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    calls = len(world.shop.calls("POST", "PUT"))
    assert world.live().apply(effects, "post", world.journal).already == 2
    assert len(world.shop.calls("POST", "PUT")) == calls
    world.shop.put("/things/1", {"name": "foreign"})
    with pytest.raises(ConflictError):
        world.live().apply(effects, "post", world.journal)


def test_calls_at_the_same_time_are_all_taken_back(world: World) -> None:
    before = world.shop.state()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: world.call("PUT", f"/things/{n % 12}", {"n": n}).status, range(24)))
    assert set(found) == {200, 201}
    effects = world.stop()
    assert len(effects) == 24
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == before


def test_what_is_under_way_when_the_action_ends_is_waited_for(world: World) -> None:
    world.shop.fault("POST", "/orders", "wait")
    with ThreadPoolExecutor(2) as threads:
        called = threads.submit(world.call, "POST", "/orders", {"item": "tea"})
        assert world.shop.waiting.wait(timeout=20)
        stopped = threads.submit(world.stop)
        world.shop.go_on.set()
        assert [each.cls for each in stopped.result()] == [Class.COMPENSATABLE]
        assert called.result().status == 201


def test_an_inverse_that_lies_is_caught_and_the_others_go_on(world: World) -> None:
    """Seven of twelve steps are done; the inverse of the fourth lies: the other six are undone, last one first."""
    for number in range(1, 8):
        assert world.call("PUT", f"/things/{number}", {"n": number}).status == 201
    effects = world.stop()
    world.shop.fault("DELETE", "/things/4", "lie")
    with pytest.raises(QuarantinedError) as caught:
        world.live().apply(effects, "pre", world.journal)
    assert [each.resource for each in caught.value.differences] == [f"http:PUT {world.shop.url}/things/4"]
    assert caught.value.applied.written == 6
    assert world.shop.state() == {"/things/4": {"n": 4}}
    assert [each.path[-1] for each in world.shop.calls("DELETE")] == list("7654321")
    assert len(world.journal.kinds("quarantined")) == 1
    # Later the fault is gone: what was quarantined is what is left to do.
    assert world.live().apply(effects, "pre", world.journal).written == 1
    assert world.shop.state() == {}


@pytest.mark.parametrize("fault", ["429", "503", "drop_before", "drop_after", "truncate", "503_after"])
def test_a_compensation_is_tried_again_with_the_same_key(world: World, fault: str) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    forward = world.shop.calls("PUT")[0].key
    world.shop.fault("PUT", "/things/1", fault, fault)
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "a"}}
    keys = {each.key for each in world.shop.calls("PUT")[1:]}
    assert len(keys) == 1 and forward not in keys and "" not in keys
    assert {each["key"] for each in world.journal.kinds("compensate_begin", "compensate_end")} == keys


def test_the_budget_of_tries_ends(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.shop.fault("DELETE", "/things/1", *["503"] * 50)
    with pytest.raises(QuarantinedError):
        world.live().apply(effects, "pre", world.journal)
    assert len(world.shop.calls("DELETE")) == world.rules.limits.attempts


def test_a_redirect_is_no_success(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.shop.fault("DELETE", "/things/1", "redirect")
    with pytest.raises(QuarantinedError):
        world.live().apply(effects, "pre", world.journal)


@pytest.mark.parametrize("stop_at", range(1, 9))
def test_an_undo_that_is_cut_short_anywhere_is_finished(world: World, stop_at: int) -> None:
    """The journal fails at one record after the other: what was begun is found, and led to the end."""
    world.shop.put("/things/1", {"name": "a"})
    before = world.shop.state()
    world.call("POST", "/orders", {"item": "tea"})
    world.call("PUT", "/things/1", {"name": "b"})
    world.call("DELETE", "/things/1")
    effects = world.stop()
    records = []

    def note(kind: str, body: dict, *, durable: bool = False, beside: object = None) -> None:
        if len(records) == stop_at:
            raise OSError("killed here")
        records.append((kind, body))

    live = world.live()
    try:
        live.apply(effects, "pre", note)
    except OSError:
        assert len(records) == stop_at
    begun = next(body for kind, body in records if kind == "transition")
    assert live.recover(begun, world.journal) == "pre"
    assert world.shop.state() == before
    assert len([each for each in world.shop.calls("DELETE") if each.path == "/orders/1"]) == 1


def test_nothing_is_sent_before_its_intent_and_pre_image_are_written(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.journal.fail = "intent"
    assert world.call("PUT", "/things/1", {"name": "b"}).status == 503
    assert world.shop.calls("PUT") == []
    world.journal.fail = ""
    assert world.call("PUT", "/things/1", {"name": "b"}).status == 503
    assert world.stop() == []


def test_a_call_whose_record_failed_is_still_an_effect(world: World) -> None:
    world.journal.fail = "observed"
    assert world.call("PUT", "/things/1", {"name": "b"}).status == 503
    assert world.call("PUT", "/things/2", {"name": "b"}).status == 503
    effects = world.stop()
    assert [each.resource for each in effects] == [f"http:PUT {world.shop.url}/things/1"]


def test_a_pre_image_that_was_let_go_is_told_before_anything_is_changed(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.blobs.sweep(set(), 1 << 62)
    assert [each.facet for each in world.live().check(effects, "pre")] == ["pre-image"]


def test_without_versions_bodies_tell_conflicts(world: World) -> None:
    world.shop.etags = False
    world.shop.put("/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {"/things/1": {"name": "a"}}
    world.shop.put("/things/1", {"name": "x"})
    assert [each.facet for each in world.live().check(effects, "pre")] == ["state"]


def test_what_the_server_itself_writes_does_not_count_where_the_rules_say_so(make_world: Callable[..., World]) -> None:
    things = 'paths = ["/orders/*", "/things/**"]'
    world = make_world(calls=CALLS.replace(things, f'{things}\nvolatile = ["updated_at"]'))
    world.shop.stamps = True
    world.shop.put("/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "b"})
    effects = world.stop()
    done = world.live().apply(effects, "pre", world.journal)
    assert (world.shop.state()["/things/1"]["name"], done.written) == ("a", 1)
    assert world.live().verify(effects, "pre", done.landed) == []


def test_a_new_version_of_the_same_is_our_own(world: World) -> None:
    world.call("PUT", "/things/1", {"name": "a"})
    world.call("PUT", "/things/1", {"name": "a"})
    effects = world.stop()
    assert len(effects) == 2
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


def test_what_changed_nothing_is_no_effect(world: World) -> None:
    world.shop.etags = False
    world.shop.put("/things/1", {"name": "a"})
    world.call("GET", "/things/1")
    world.call("PUT", "/things/1", {"name": "a"})
    world.call("DELETE", "/things/none")
    world.shop.fault("PUT", "/things/1", "500")
    assert world.call("PUT", "/things/1", {"name": "c"}).status == 500
    assert world.stop() == []
