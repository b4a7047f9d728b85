"""TLS on both sides: the jail trusts the episode's authority, and servers are verified against what the rules name."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.authority import Authority
from sandbox.effects.http.proxy import environment
from tests.egress import shop as shops
from tests.egress import world as worlds
from tests.egress.world import World


@pytest.fixture(scope="module")
def servers_authority() -> Authority:
    return Authority()


@pytest.fixture
def tls_world(tmp_path: Path, authority: Authority, servers_authority: Authority, blobs: Blobs) -> Iterator[World]:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ca.pem").write_bytes(servers_authority.pem)
    with (
        shops.opened(servers_authority.context("shop.test")) as shop,
        worlds.opened(tmp_path, shop, authority, blobs, host='ca = "ca.pem"') as world,
    ):
        yield world


def tunnel(world: World, name: str = "shop.test") -> tuple[socket.socket, str]:
    netloc = world.shop.url.removeprefix("https://")
    sock = socket.create_connection(("127.0.0.1", world.port), timeout=10)
    sock.sendall(f"CONNECT {netloc} HTTP/1.1\r\nHost: {netloc}\r\n\r\n".encode())
    assert sock.recv(4096).startswith(b"HTTP/1.1 200")
    return sock, netloc


def test_calls_inside_tls_are_seen_and_taken_back(tls_world: World) -> None:
    world = tls_world
    assert world.call("POST", "/orders", {"item": "tea"}).status == 201
    assert world.call("POST", "/admin", {}).status == 403
    effects = world.stop()
    assert effects[0].resource.startswith("http:POST https://shop.test:")
    world.live().apply(effects, "pre", world.journal)
    assert world.shop.state() == {}


@pytest.mark.parametrize("which", ["another authority", "another name"])
def test_a_server_that_is_not_who_it_says_is_not_spoken_to(
    tmp_path: Path, authority: Authority, servers_authority: Authority, blobs: Blobs, which: str
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ca.pem").write_bytes(servers_authority.pem)
    false = Authority().context("shop.test") if which == "another authority" else servers_authority.context("b.test")
    with (
        shops.opened(false) as shop,
        worlds.opened(tmp_path, shop, authority, blobs, host='ca = "ca.pem"') as world,
    ):
        assert world.call("POST", "/orders", {}).status == 502
        assert (shop.seen, world.stop()) == ([], [])


def test_another_host_inside_a_tunnel_is_refused(tls_world: World) -> None:
    context = ssl.create_default_context(cadata=tls_world.authority.pem.decode())
    sock, _ = tunnel(tls_world)
    with context.wrap_socket(sock, server_hostname="shop.test") as inner:
        inner.sendall(b"GET /orders HTTP/1.1\r\nHost: other.test\r\n\r\n")
        assert inner.recv(4096).startswith(b"HTTP/1.1 421")
    sock, netloc = tunnel(tls_world)
    with context.wrap_socket(sock, server_hostname="shop.test") as inner:
        inner.sendall(f"GET http://other.test/ HTTP/1.1\r\nHost: {netloc}\r\n\r\n".encode())
        assert inner.recv(4096).startswith(b"HTTP/1.1 400")
    assert tls_world.shop.seen == []


def test_another_name_in_the_handshake_is_refused(tls_world: World) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sock, _ = tunnel(tls_world)
    with sock, pytest.raises(ssl.SSLError, match="unrecognized name"):
        context.wrap_socket(sock, server_hostname="other.test")


def test_http_2_is_not_spoken(tls_world: World) -> None:
    context = ssl.create_default_context(cadata=tls_world.authority.pem.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    sock, _ = tunnel(tls_world)
    with context.wrap_socket(sock, server_hostname="shop.test") as inner:
        assert inner.selected_alpn_protocol() == "http/1.1"
        inner.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert inner.recv(4096)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 505")


def test_plain_bytes_in_a_tunnel_go_nowhere(tls_world: World) -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n", b"\x00" * 100):
        sock, _ = tunnel(tls_world)
        with sock:
            sock.sendall(data)
            found = b""
            try:
                while chunk := sock.recv(4096):
                    found += chunk
            except ConnectionResetError:
                pass
            assert b"200" not in found
    assert tls_world.shop.seen == []


def test_bytes_before_the_tunnel_is_open_are_refused(tls_world: World) -> None:
    netloc = tls_world.shop.url.removeprefix("https://")
    found = tls_world.raw(f"CONNECT {netloc} HTTP/1.1\r\nHost: {netloc}\r\n\r\nGET / HTTP/1.1\r\n\r\n".encode())
    assert found.startswith(b"HTTP/1.1 400")


def test_an_authority_signs_for_hosts_and_addresses(authority: Authority) -> None:
    for host in ("a.test", "::1", "127.0.0.1", "x" * 60 + "." + "y" * 60 + ".test"):
        assert authority.context(host) is authority.context(host)
    assert b"PRIVATE" not in authority.pem


def test_a_tunnel_may_be_asked_for_in_the_old_way(tls_world: World) -> None:
    netloc = tls_world.shop.url.removeprefix("https://")
    context = ssl.create_default_context(cadata=tls_world.authority.pem.decode())
    sock = socket.create_connection(("127.0.0.1", tls_world.port), timeout=10)
    sock.sendall(f"CONNECT {netloc} HTTP/1.0\r\n\r\n".encode())
    assert sock.recv(4096).startswith(b"HTTP/1.1 200")
    with context.wrap_socket(sock, server_hostname="shop.test") as inner:
        inner.sendall(f"GET /orders HTTP/1.1\r\nHost: {netloc}\r\n\r\n".encode())
        assert inner.recv(4096).startswith(b"HTTP/1.1 404")


PROGRAM = """
import urllib.request
request = urllib.request.Request({url!r} + "/orders", b"{{}}", {{"Content-Type": "application/json"}}, method="POST")
print(urllib.request.urlopen(request).status)
"""


def test_a_program_finds_the_way_out_by_its_environment(tls_world: World, tmp_path: Path) -> None:
    ca = tmp_path / "episode.pem"
    ca.write_bytes(tls_world.authority.pem)
    command = [sys.executable, "-I", "-c", PROGRAM.format(url=tls_world.shop.url)]
    found = subprocess.run(
        command, env=environment(str(ca), tls_world.port), capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.stdout, found.stderr) == ("201\n", "")
    assert tls_world.shop.state() == {"/orders/1": {"id": 1}}
