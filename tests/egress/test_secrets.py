"""A secret is put in at the way out, and is nowhere else: not in the jail, not in the journal, not in the store."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.effects.http.rules import load_rules
from sandbox.errors import ConfigError
from tests.egress.shop import Shop
from tests.egress.world import World, write_rules

Make = Callable[..., World]
SECRET = "s3cr3t/with+signs="
HOST = '[hosts.shop.secrets.token]\nheader = "Authorization"\nsecret = "env:SHOP_TOKEN"\nvalue = "Bearer {}"\n'


@pytest.fixture
def secret_world(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SHOP_TOKEN", SECRET)
    world = make_world(host=HOST)
    monkeypatch.delenv("SHOP_TOKEN")
    return world


def test_the_server_sees_the_secret_and_nobody_else_does(
    secret_world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world = secret_world
    answer = world.call("GET", "/echo", Authorization="Bearer placeholder", Range="bytes=0-3", Accept_Encoding="gzip")
    assert world.shop.seen[0].headers["authorization"] == f"Bearer {SECRET}"
    assert "range" not in world.shop.seen[0].headers
    assert world.shop.seen[0].headers["accept-encoding"] == "identity"
    shown = answer.body + repr(answer.headers).encode()
    assert SECRET.encode() not in shown and b"Bearer [secret]" in answer.body
    assert answer.headers["x-echo"] == "Bearer [secret]"
    world.call("POST", "/orders", {"item": "tea"})
    effects = world.stop()
    world.live().apply(effects, "pre", world.journal)
    assert {each.headers["authorization"] for each in world.shop.seen} == {f"Bearer {SECRET}"}
    written = world.everything_written() + repr(effects).encode() + repr(world.rules).encode()
    captured = capfd.readouterr()
    for form in (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()):
        assert form.encode() not in written
        assert form not in captured.out + captured.err
        assert form not in os.environ.values()


@pytest.mark.parametrize("form", [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()])
def test_an_echo_in_another_form_is_taken_out_too(secret_world: World, form: str) -> None:
    secret_world.shop.put("/things/1", {"leaked": form})
    assert secret_world.call("GET", "/things/1").json() == {"leaked": "[secret]"}


def test_what_the_program_itself_sent_is_written_as_a_commitment(world: World) -> None:
    world.call("POST", "/orders", {"item": "tea"}, Cookie="session=12345", X_Api_Key="own key of program", X_Plain="p")
    [intent] = world.journal.phases("intent")
    headers = dict(map(tuple, intent["headers"]))
    assert headers["x-plain"] == "p"
    assert len(headers["cookie"]["hmac"]) == len(headers["x-api-key"]["hmac"]) == 64
    written = world.everything_written()
    assert b"session=12345" not in written and b"own key of program" not in written


def test_a_secret_of_one_host_is_not_sent_to_another(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", SECRET)
    with_second = (
        HOST + '\n[hosts.second]\nhost = "second.test"\nports = [PORT]\nschemes = ["http"]\nallow_private = true\n'
    )
    world = make_world(
        host=with_second,
        calls='[calls.all]\nhost = "second"\nmethods = ["GET"]\npaths = ["/**"]\n',
    )
    port = world.shop.url.rpartition(":")[2]
    assert world.call("GET", f"http://second.test:{port}/echo").status == 200
    assert "authorization" not in world.shop.seen[0].headers


@pytest.mark.parametrize("value", [None, "short", "with\nline and more", "ünïcode enough"])
def test_a_secret_that_cannot_be_kept_is_refused_at_the_start(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("SHOP_TOKEN", value)
    with pytest.raises(ConfigError) as caught:
        load_rules("shop", write_rules(tmp_path / "rules", shop, host=HOST))
    assert "env:SHOP_TOKEN" in str(caught.value)
    assert value is None or value not in str(caught.value) + caught.value.why


def test_a_secret_may_be_a_file(tmp_path: Path, make_world: Make) -> None:
    (tmp_path / "token").write_text(SECRET + "\n")
    world = make_world(host=HOST.replace("env:SHOP_TOKEN", f"file:{tmp_path}/token"))
    world.call("GET", "/echo")
    assert world.shop.seen[0].headers["authorization"] == f"Bearer {SECRET}"


def test_a_resource_that_shows_the_secret_is_never_written_back_without_it(secret_world: World) -> None:
    secret_world.shop.put("/things/1", {"leaked": SECRET})
    assert secret_world.call("PUT", "/things/1", {"name": "b"}).status == 403
    assert secret_world.shop.calls("PUT") == []
