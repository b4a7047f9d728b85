"""Where names may lead."""

from __future__ import annotations

import pytest

from sandbox.effects.http.addresses import is_allowed
from sandbox.effects.http.messages import Call, parse_url
from sandbox.effects.http.upstream import NotSentError, Upstream
from tests.egress.world import World

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1%eth0",
    "fe80::1%lo",
    "no address",
]
PRIVATE = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd12::1"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_reached(address: str) -> None:
    assert not is_allowed(address, False)
    assert not is_allowed(address, True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_are_reached_where_a_rule_says_so(address: str) -> None:
    assert not is_allowed(address, False)
    assert is_allowed(address, True)


@pytest.mark.parametrize("address", ["100.64.0.1", "198.18.0.1", "192.0.2.1"])
def test_ones_of_other_uses_are_not_public(address: str) -> None:
    assert not is_allowed(address, False)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are_reached(address: str) -> None:
    assert is_allowed(address, False)


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_once_for_each_connection(world: World) -> None:
    """DNS rebinding: what is connected to is what was looked at, and one bad address spoils the name."""
    answers = [["127.0.0.1"], ["127.0.0.1", "169.254.169.254"], ["169.254.169.254"]]
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return answers.pop(0)

    upstream = Upstream(world.rules, resolver)
    url = parse_url(world.shop.url + "/things/1")
    assert upstream.send(Call("GET", url)).status == 404
    assert upstream.send(Call("GET", url)).status == 404
    assert len(asked) == 1
    upstream.close()
    for _ in range(2):
        with pytest.raises(NotSentError) as caught:
            upstream.send(Call("PUT", url, (), b"{}"))
        assert "169.254.169.254" in caught.value.why
    assert len(world.shop.seen) == 2


def test_a_name_without_an_address_is_no_doubt(world: World) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(NotSentError):
        Upstream(world.rules, resolver).send(Call("GET", parse_url(world.shop.url + "/")))


def test_private_addresses_are_refused_without_the_rule(world: World) -> None:
    world.rules.hosts["shop"].table.__dict__["allow_private"] = False
    assert world.call("GET", "/things/1").status == 502
    assert world.shop.seen == []
