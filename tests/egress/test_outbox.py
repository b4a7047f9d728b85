"""Irreversible calls wait for commit; after an undo the same call is answered from what was recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.effects.adapter import ConflictError, QuarantinedError
from sandbox.effects.http.outbox import BudgetError
from sandbox.model.effects import Class, Effect
from tests.egress.world import CALLS, World

Make = Callable[..., World]


def pay(world: World, **data: object) -> list[Effect]:
    answer = world.call("POST", "/payments", {"amount": 5, "reference": "r1", **data})
    assert (answer.status, len(answer.headers["sandbox-outbox"])) == (202, 40)
    return world.stop()


def test_a_payment_is_held_and_sent_at_commit_once(world: World) -> None:
    effects = pay(world)
    assert [each.cls for each in effects] == [Class.BUFFERED]
    assert world.shop.calls("POST") == []
    live = world.live(irreversible=1)
    assert live.apply(effects, "post", world.journal).written == 1
    [sent] = world.shop.calls("POST")
    assert (sent.body, sent.key) == (b'{"amount": 5, "reference": "r1"}', effects[0].inverse["key"])
    assert live.apply(effects, "post", world.journal).already == 1
    assert len(world.shop.calls("POST")) == 1
    assert live.verify(effects, "post") == []


def test_what_landed_tells_what_was_sent_where_no_journal_does(world: World) -> None:
    effects = pay(world)
    live = world.live(irreversible=1, replays=None)
    landed = live.apply(effects, "post", world.journal).landed
    assert live.apply(effects, "post", world.journal, landed).already == 1
    assert [each.facet for each in live.check(effects, "pre", landed)] == ["class"]
    assert world.shop.count == 1


def test_a_payment_is_dropped_at_undo(world: World) -> None:
    effects = pay(world)
    world.live().apply(effects, "pre", world.journal)
    assert (world.shop.seen, [each["phase"] for each in world.journal.phases("dropped")]) == ([], ["dropped"])


def test_the_budget_is_looked_at_before_anything_is_sent(world: World) -> None:
    world.call("POST", "/payments", {"amount": 1})
    effects = pay(world)
    with pytest.raises(BudgetError):
        world.live(irreversible=1).apply(effects, "post", world.journal)
    assert world.shop.seen == []


def test_a_payment_that_was_sent_is_a_conflict_for_undo_unless_it_may_stay(world: World) -> None:
    effects = pay(world)
    world.live(irreversible=1).apply(effects, "post", world.journal)
    with pytest.raises(ConflictError):
        world.live().apply(effects, "pre", world.journal)
    left = world.live(leave_sent=True).apply(effects, "pre", world.journal)
    assert left.residue == (f"http:POST {world.shop.url}/payments: was sent and stays",)


def test_after_an_undo_no_second_payment_is_made(world: World) -> None:
    """The checkpoint is restored, the call is made up anew with another reference: it is the same payment."""
    effects = pay(world)
    world.live(irreversible=1).apply(effects, "post", world.journal)
    [sent] = world.journal.phases("sent")
    world.journal.replayed[sent["fingerprint"]] = sent
    world.listen(action="action-2")
    again = world.call("POST", "/payments", {"reference": "r2", "amount": 5})
    assert (again.status, again.json()["id"]) == (201, 1)
    assert again.headers["sandbox-replayed"] == sent["key"]
    other = world.call("POST", "/payments", {"reference": "r2", "amount": 6})
    assert other.status == 202
    assert len(world.shop.calls("POST")) == 1
    assert [each.cls for each in world.stop()] == [Class.BUFFERED]


def test_a_fork_is_only_for_rules_that_allow_it(make_world: Make) -> None:
    world = make_world()
    assert world.call("POST", "/payments", {"amount": 5}, Sandbox_Fork="action-1").status == 403
    assert world.stop() == []


def test_a_fork_that_is_allowed_waits_for_commit_like_any_other(make_world: Make) -> None:
    world = make_world(calls=CALLS.replace('class = "irreversible"', 'class = "irreversible"\nfork = true'))
    effects = pay(world)
    world.live(irreversible=1).apply(effects, "post", world.journal)
    [sent] = world.journal.phases("sent")
    world.journal.replayed[sent["fingerprint"]] = sent
    world.listen(action="action-2")
    forked = world.call("POST", "/payments", {"amount": 5, "reference": "r1"}, Sandbox_Fork="action-1")
    assert forked.status == 202
    assert [each["of"] for each in world.journal.phases("fork")] == ["action-1"]
    assert [each.cls for each in world.stop()] == [Class.BUFFERED]


def test_a_retry_with_the_programs_own_key_is_one_payment_and_another_call_is_another(world: World) -> None:
    for _ in range(2):
        world.call("POST", "/payments", {"amount": 5}, Idempotency_Key="mine")
    world.call("POST", "/payments", {"amount": 5})
    world.call("POST", "/payments", {"amount": 5})
    effects = world.stop()
    assert len({each.inverse["key"] for each in effects}) == len(effects) == 3
    assert "mine" not in {each.inverse["key"] for each in effects}


@pytest.mark.parametrize("fault", ["drop_after", "503"])
def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(world: World, fault: str) -> None:
    effects = pay(world)
    world.shop.fault("POST", "/payments", fault)
    with pytest.raises(QuarantinedError) if fault == "drop_after" else _nothing():
        world.live(irreversible=1).apply(effects, "post", world.journal)
    world.live(irreversible=1).apply(effects, "post", world.journal)
    assert (world.shop.count, len({each.key for each in world.shop.calls("POST")})) == (1, 1)


def test_without_idempotency_a_lost_answer_is_never_asked_for_again(make_world: Make) -> None:
    world = make_world(host="")
    world.rules.hosts["shop"].table.__dict__["idempotency"] = False
    effects = pay(world)
    world.shop.fault("POST", "/payments", "drop_after")
    with pytest.raises(QuarantinedError):
        world.live(irreversible=1).apply(effects, "post", world.journal)
    with pytest.raises(ConflictError):
        world.live(irreversible=1).apply(effects, "post", world.journal)
    assert len(world.shop.calls("POST")) == 1


def test_a_payment_that_the_server_refuses_was_not_sent(world: World) -> None:
    effects = pay(world)
    world.shop.fault("POST", "/payments", "400")
    with pytest.raises(QuarantinedError):
        world.live(irreversible=1).apply(effects, "post", world.journal)
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.count == 0


def test_a_payment_whose_body_was_let_go_is_told_before_anything_is_sent(world: World) -> None:
    effects = pay(world)
    world.blobs.sweep(set(), 1 << 62)
    assert [each.facet for each in world.live(irreversible=1).check(effects, "post")] == ["body"]


def test_a_dry_run_sends_nothing_but_reads(make_world: Make) -> None:
    world = make_world(dry_run=True)
    world.shop.put("/things/1", {"name": "a"})
    before = world.shop.state()
    assert world.call("GET", "/things/1").json() == {"name": "a"}
    for method, path in [("POST", "/payments"), ("POST", "/orders"), ("PUT", "/things/1"), ("DELETE", "/things/1")]:
        assert world.call(method, path, {"a": 1}).status == 403
    assert (world.shop.state(), world.shop.calls("POST", "PUT", "DELETE"), world.stop()) == (before, [], [])


class _nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass
