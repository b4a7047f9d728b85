"""An undo and a commit that are killed at any of their calls are finished from what was written down."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tests.egress.world import World


def killed(world: World, effects: list, side: str, at: int) -> None:
    """Ends when the process was killed, right after the server did its call of this number."""
    folder = world.folder
    (folder / "effects").write_text(json.dumps([each.to_json() for each in effects]))
    world.shop.kill_at = len(world.shop.seen) + at
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.egress.killed", str(folder), str(world.blobs.folder), side]
    )
    world.shop.victim = process.pid
    assert process.wait(timeout=60) == -signal.SIGKILL
    lines = (folder / "journal").read_text().splitlines() if (folder / "journal").exists() else []
    world.journal.records += [tuple(json.loads(line)) for line in lines]


@pytest.mark.campaign
@pytest.mark.parametrize("at", range(1, 13))
def test_an_undo_that_is_killed_is_finished(world: World, at: int) -> None:
    world.shop.put("/things/1", {"name": "a"})
    world.shop.put("/things/2", {"name": "a"})
    before = world.shop.state()
    world.call("POST", "/orders", {"item": "tea"})
    world.call("PUT", "/things/1", {"name": "b"})
    world.call("DELETE", "/things/2")
    effects = world.stop()
    killed(world, effects, "pre", at)
    begun = world.journal.kinds("transition")
    if begun:
        assert world.live().recover(begun[0], world.journal) == "pre"
    else:
        world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == before
    for path in ("/orders/1", "/things/1", "/things/2"):
        changes = [each for each in world.shop.calls("PUT", "DELETE")[2:] if each.path == path]
        assert len(changes) == 1


@pytest.mark.campaign
@pytest.mark.parametrize("idempotent", [True, False])
def test_a_payment_that_is_killed_while_it_is_sent_is_made_once(world: World, idempotent: bool) -> None:
    world.rules.hosts["shop"].table.__dict__["idempotency"] = idempotent
    world.call("POST", "/payments", {"amount": 5})
    effects = world.stop()
    killed(world, effects, "post", 1)
    assert [each["phase"] for each in world.journal.phases("sending", "sent")] == ["sending"]
    live = world.live(irreversible=1)
    if idempotent:
        live.recover(world.journal.kinds("transition")[0], world.journal)
    else:
        assert [each.facet for each in live.check(effects, "post")] == ["outbox"]
    assert world.shop.count == 1
