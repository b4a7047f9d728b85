"""Actions that call a server over HTTP: the only way out, recorded, taken back, sent at commit and never twice."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.datafiles import folder
from sandbox.errors import JobError
from sandbox.settings import Settings
from sandbox.undo import open_actions
from sandbox.undo.recording import Recorder
from sandbox.v1 import action_pb2, action_pb2_grpc, job_pb2, reward_pb2_grpc, verdict_pb2
from tests.egress import shop as shops
from tests.egress.shop import Shop
from tests.egress.world import CALLS
from tests.serving import serving
from tests.undo.world import Mode, World

pytestmark = pytest.mark.jail
_CALL = """
import json, sys, urllib.request
for line in sys.argv[2:]:
    method, path, body = json.loads(line)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(sys.argv[1] + path, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            print(answer.status, answer.headers.get("Sandbox-Outbox", "")[:0], answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
"""


class Web:
    """A workspace whose actions may call a shop."""

    def __init__(self, world: World, shop: Shop) -> None:
        self.world, self.shop = world, shop
        self.url = shop.url.replace("shop.test", "127.0.0.1")

    def call(self, *calls: tuple[str, str, object], **fields: object):
        lines = [json.dumps(each) for each in calls]
        return self.world.execute(["python3", "-c", _CALL, self.url, *lines], policy="web", **fields)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with shops.opened() as found:
        yield found


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    path = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(folder("policies"), path)
    port = shop.url.rpartition(":")[2]
    host = f'[hosts.shop]\nhost = "127.0.0.1"\nports = [{port}]\nschemes = ["http"]\n'
    host += "allow_private = true\nidempotency = true\n"
    limits = (path / "egress" / "example.toml").read_text()
    limits = limits[limits.index("[limits]") : limits.index("# A server.")]
    (path / "egress" / "shop.toml").write_text(f'name = "shop"\ndescription = "a shop"\n{limits}\n{host}\n{CALLS}')
    (path / "web.toml").write_text(
        'name = "web"\ndescription = "may call a shop"\nextends = "actions"\n'
        '[actions]\negress = "shop"\nirreversible = 1\n'
    )
    return path


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's home."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def channel(callers: Path, rules: Path, roots: Path) -> Iterator[grpc.Channel]:
    with (
        serving(str(callers), roots=[str(roots)], policies=str(rules)) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        yield channel


@pytest.fixture
def web(channel: grpc.Channel, shop: Shop, roots: Path, tmp_path: Path) -> Web:
    path = roots / tmp_path.name
    path.mkdir()
    stubs = action_pb2_grpc.ActionServiceStub(channel), reward_pb2_grpc.RewardServiceStub(channel)
    return Web(World(path, *stubs), shop)


def test_what_an_action_made_on_a_server_is_deleted_when_it_is_undone(web: Web):
    before = web.shop.state()
    answer = web.call(("POST", "/orders", {"item": "tea"}))
    assert answer.action.exit_code == 0, answer.stderr
    assert web.shop.state() != before
    assert [each for each in web.world.effects(answer.action) if each.startswith("http:")]
    assert web.world.commit(answer.action).done
    undone = web.world.undo(answer.action)
    assert undone.done
    assert answer.action.effect_class == action_pb2.Effect.COMPENSATABLE
    assert web.shop.state() == before


def test_what_an_action_changed_on_a_server_is_put_back_when_it_is_dropped(web: Web):
    web.shop.put("/things/1", {"n": 1})
    answer = web.call(("PUT", "/things/1", {"n": 2}), ("PATCH", "/things/1", {"m": 3}))
    assert web.shop.things["/things/1"] == {"n": 2, "m": 3}
    assert web.world.undo(answer.action).done
    assert web.shop.things["/things/1"] == {"n": 1}
    assert web.world.status(answer.action) == "DISCARDED"


def test_somebody_elses_write_on_the_server_is_a_conflict(web: Web):
    web.shop.put("/things/2", {"n": 1})
    answer = web.call(("PUT", "/things/2", {"n": 2}), mode=Mode.COMMIT)
    web.shop.put("/things/2", {"n": "theirs"})
    undone = web.world.undo(answer.action)
    assert not undone.done and undone.conflicts
    assert web.shop.things["/things/2"] == {"n": "theirs"}


def test_what_cannot_be_taken_back_waits_for_the_commit_and_is_dropped_without_one(web: Web):
    paid = len(web.shop.calls("POST"))
    dropped = web.call(("POST", "/payments", {"amount": 5, "reference": "a"}))
    assert dropped.stdout.startswith(b"202")
    assert web.world.undo(dropped.action).done
    assert len(web.shop.calls("POST")) == paid


def test_a_payment_is_sent_once_at_commit_within_the_budget_and_never_twice(web: Web):
    paid = len(web.shop.calls("POST"))
    first = web.call(("POST", "/payments", {"amount": 5, "reference": "a"}))
    assert web.world.commit(first.action).done
    assert len(web.shop.calls("POST")) == paid + 1
    web.world.undo(first.action)
    again = web.call(("POST", "/payments", {"amount": 5, "reference": "another"}))
    assert again.stdout.startswith(b"201")
    assert len(web.shop.calls("POST")) == paid + 1
    other = web.call(("POST", "/payments", {"amount": 6, "reference": "b"}))
    refused = web.world.commit(other.action)
    assert not refused.done and "irreversible" in refused.message
    assert len(web.shop.calls("POST")) == paid + 1


def test_a_payment_whose_commit_was_cut_short_is_finished_and_counts(
    web: Web, callers: Path, rules: Path, roots: Path, monkeypatch: pytest.MonkeyPatch
):
    paid = len(web.shop.calls("POST"))
    sent = web.call(("POST", "/payments", {"amount": 7, "reference": "a"})).action
    append = Recorder.append

    def cut_short(recorder: Recorder, kind: str, *rest: object, **more: object) -> None:
        if kind == "promoted":
            raise OSError("cut short")
        append(recorder, kind, *rest, **more)  # type: ignore[arg-type]

    async def commit() -> None:
        settings = Settings(state=callers / "state", workspace_roots=(roots,), policies=rules)
        async with open_actions(settings, None) as actions:
            monkeypatch.setattr(Recorder, "append", cut_short)
            with pytest.raises(JobError, match="cut short"):
                await actions.commit(action_pb2.CommitRequest(id=sent.id))
            monkeypatch.undo()
            assert any("is finished" in said for said in await actions.recover())

    asyncio.run(commit())
    assert web.world.status(sent) == "COMMITTED" and len(web.shop.calls("POST")) == paid + 1
    other = web.call(("POST", "/payments", {"amount": 8, "reference": "b"}))
    refused = web.world.commit(other.action)
    assert not refused.done and "irreversible" in refused.message
    assert len(web.shop.calls("POST")) == paid + 1


def test_what_no_rule_allows_is_refused_by_name(web: Web):
    answer = web.call(("DELETE", "/admin", None))
    assert answer.stdout.startswith(b"403")
    assert not web.shop.calls("DELETE") or web.shop.calls("DELETE")[-1].path != "/admin"


def test_a_dry_run_changes_nothing_on_the_server(web: Web):
    before = web.shop.state()
    answer = web.call(("POST", "/orders", {"item": "tea"}), mode=Mode.DRY_RUN)
    assert not answer.stdout.startswith(b"201")
    assert web.shop.state() == before


def test_there_is_no_other_way_out(web: Web):
    port = web.shop.url.rpartition(":")[2]
    script = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
    assert web.world.execute(["python3", "-c", script], policy="web").action.exit_code == 1
    assert web.world.execute(["python3", "-c", script]).action.exit_code == 1


def test_what_was_called_before_the_time_was_over_is_taken_back(web: Web):
    before = web.shop.state()
    lines = [json.dumps(("POST", "/orders", {"item": "tea"}))]
    script = _CALL + "\nimport time\ntime.sleep(60)\n"
    with pytest.raises(grpc.RpcError) as raised:
        web.world.execute(["python3", "-c", script, web.url, *lines], policy="web", timeout_ms=3_000)
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    (action,) = web.world.actions.List(action_pb2.ListActionsRequest(workspace=str(web.world.path))).actions
    assert web.shop.calls("POST")[-1].path == "/orders"
    assert web.shop.state() == before
    assert web.world.status(action) == "DISCARDED"


def test_a_scored_program_changes_nothing_on_a_server(web: Web):
    before = web.shop.state()
    source = (
        "import urllib.request\n"
        f"request = urllib.request.Request('{web.url}/orders', b'{{}}', {{'content-type': 'application/json'}})\n"
        "urllib.request.urlopen(request, timeout=20).read()\nopen('done', 'w')\n"
    )
    done = job_pb2.EffectAssertion(resource="files:done", op="create")
    verdict = web.world.score(source, job_pb2.EffectsTest(assertions=[done]), policy="web")
    # What would change something is refused where nothing can be committed.
    assert verdict.tests[0].status == verdict_pb2.RUNTIME_ERROR
    assert web.shop.state() == before


def test_what_could_not_be_taken_back_is_named_and_tried_again_when_it_is_undone_again(web: Web):
    web.shop.put("/things/7", {"n": 1})
    answer = web.call(("PUT", "/things/7", {"n": 2}))
    web.shop.fault("PUT", "/things/7", *["500"] * 8)
    undone = web.world.undo(answer.action)
    assert not undone.done
    assert web.world.status(answer.action) == "QUARANTINED"
    web.shop.faults.clear()
    assert web.world.undo(answer.action).done
    assert web.shop.things["/things/7"] == {"n": 1}
    assert web.world.status(answer.action) == "UNDONE"


def test_files_are_undone_although_a_call_could_not_be(web: Web):
    web.shop.put("/things/8", {"n": 1})
    script = "open('made', 'w').close()\n" + _CALL
    line = json.dumps(("PUT", "/things/8", {"n": 2}))
    action = web.world.execute(["python3", "-c", script, web.url, line], policy="web", mode=Mode.COMMIT).action
    assert web.world.status(action) == "COMMITTED"
    web.shop.fault("PUT", "/things/8", *["500"] * 8)
    undone = web.world.undo(action)
    assert not undone.done and undone.conflicts
    assert not (web.world.path / "made").exists()
    web.shop.faults.clear()
    assert web.world.undo(action).done
    assert web.world.status(action) == "UNDONE"
    assert web.shop.things["/things/8"] == {"n": 1}
