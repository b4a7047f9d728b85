"""What is not understood, or not named by a rule, does not leave the jail."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.effects.http.messages import AddressError, canonical_path
from tests.egress.world import CALLS, World

Make = Callable[..., World]


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def post(world: World, *lines: str, body: str = "", target: str = "", host: str = "") -> bytes:
    netloc = urlsplit(world.shop.url).netloc
    head = [f"POST {target or world.shop.url + '/orders'} HTTP/1.1", f"Host: {host or netloc}", *lines, "", ""]
    return ("\r\n".join(head) + body).encode("latin-1")


ATTACKS = {
    "both ways to tell a length": (["Content-Length: 4", "Transfer-Encoding: chunked"], "0\r\n\r\n", 400),
    "the same, the other way round": (["Transfer-Encoding: chunked", "Content-Length: 4"], "0\r\n\r\n", 400),
    "two lengths": (["Content-Length: 2", "Content-Length: 3"], "{}x", 400),
    "two equal lengths": (["Content-Length: 2, 2"], "{}", 0),
    "a length that is none": (["Content-Length: +2"], "{}", 400),
    "a negative length": (["Content-Length: -1"], "", 400),
    "an unknown coding": (["Transfer-Encoding: xchunked"], "0\r\n\r\n", 501),
    "a coding hidden behind a tab": (["Transfer-Encoding:\tchunked", "Content-Length: 4"], "0\r\n\r\n", 400),
    "a space before the colon": (["Transfer-Encoding : chunked"], "0\r\n\r\n", 400),
    "two hosts": (["Host: other.test", "Content-Length: 2"], "{}", 400),
    "a folded line": (["X: a", " b: c", "Content-Length: 0"], "", 0),
    "a bad chunk": (["Transfer-Encoding: chunked"], "zz\r\n{}\r\n0\r\n\r\n", 400),
    "an upgrade": (["Connection: upgrade", "Upgrade: websocket", "Content-Length: 0"], "", 403),
    "another protocol": (["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ", "Content-Length: 0"], "", 403),
    "another method in a header": (["X-HTTP-Method-Override: DELETE", "Content-Length: 2"], "{}", 403),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_request_that_two_servers_read_in_two_ways_is_refused(world: World, name: str) -> None:
    lines, body, expected = ATTACKS[name]
    sent = post(world, *lines, "Connection: close" if "upgrade" not in name else "X: y", body=body)
    found = status(world.raw(sent))
    if expected:
        assert found == expected
        assert world.shop.seen == []
    else:
        assert len(world.shop.calls("POST")) <= 1


TARGETS = {
    "a path without a host": "/orders",
    "https without a tunnel": "https://shop.test/orders",
    "another scheme": "ftp://shop.test/orders",
    "a user in the address": "http://a:b@shop.test/orders",
    "a host behind an at sign": "http://shop.test@evil.test/orders",
    "dots": "http://shop.test/orders/../admin",
    "escaped dots": "http://shop.test/orders/%2e%2E/admin",
    "dots with a parameter": "http://shop.test/orders/..;x=1/admin",
    "dots escaped twice": "http://shop.test/orders/%252e%252e/admin",
    "an escaped slash": "http://shop.test/orders%2fadmin",
    "a backslash": "http://shop.test/orders\\admin",
    "an escaped line": "http://shop.test/orders%0d%0aX:1",
    "an escaped nul": "http://shop.test/orders%00",
    "an empty segment": "http://shop.test//orders",
    "a port that is none": "http://shop.test:99999/orders",
    "a name that is none": "http://shop_test\x00/orders",
    "everything": "*",
}


@pytest.mark.parametrize("name", TARGETS)
def test_an_address_that_has_no_one_form_is_refused(world: World, name: str) -> None:
    netloc = urlsplit(world.shop.url).netloc
    target = TARGETS[name].replace("shop.test", netloc, 1) if "99999" not in TARGETS[name] else TARGETS[name]
    assert status(world.raw(post(world, "Content-Length: 0", "Connection: close", target=target))) in (400, 403)
    assert world.shop.seen == []


def test_a_line_in_the_path_makes_no_second_request(world: World) -> None:
    sent = f"GET {world.shop.url}/x HTTP/1.1\r\nX: y\r\n\r\nGET http://evil.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n"
    assert status(world.raw(sent.encode())) == 400
    assert world.shop.seen == []


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "shop.test", "shop.test:80", ""])
def test_a_host_header_that_names_another_host_is_refused(world: World, host: str) -> None:
    assert status(world.raw(post(world, "Content-Length: 0", "Connection: close", host=host or " "))) == 400
    assert world.shop.seen == []


def test_the_answer_names_the_rule_that_is_missing(world: World) -> None:
    answer = world.call("POST", "/admin", {})
    port = urlsplit(world.shop.url).port
    assert (answer.status, answer.json()) == (
        403,
        {
            "egress": "no rule of 'shop' allows this call",
            "missing": '[calls.NAME] host = "shop", methods = ["POST"], paths = ["/admin"]',
        },
    )
    other = world.call("GET", "http://other.test/")
    assert other.json()["missing"] == '[hosts.NAME] host = "other.test", ports = [80], schemes = ["http"]'
    assert world.call("GET", f"http://shop.test:{port + 1}/").status == 403
    assert len(world.journal.phases("refused")) == 3


@pytest.mark.parametrize("target", ["shop.test:22", "other.test:443", "127.0.0.1:443", "[::1]:443", "shop.test", ":1"])
def test_no_tunnel_leads_anywhere(world: World, target: str) -> None:
    sent = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
    assert status(world.raw(sent)) in (400, 403)


def test_plain_bytes_in_a_tunnel_or_none_at_all_go_nowhere(world: World) -> None:
    for data in (b"\x16\x03\x01\x02\x00\x01\x00", b"SSH-2.0-x\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 64):
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(4096)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 505")
    assert world.shop.seen == []


def test_a_redirect_is_an_answer_and_the_next_request_is_looked_at_anew(world: World) -> None:
    inside = "http://169.254.169.254/latest/meta-data/"
    answer = world.call("GET", "/redirect", X_To=inside)
    assert (answer.status, answer.headers["location"]) == (302, inside)
    assert world.call("GET", inside).status == 403
    assert len(world.shop.seen) == 1


def test_when_the_way_out_is_stopped_nothing_goes_out(world: World) -> None:
    world.stop()
    with pytest.raises(OSError):
        world.call("GET", "/orders")
    assert world.shop.seen == []


def test_when_its_process_is_killed_nothing_goes_out(world: World) -> None:
    world.stop()
    reader, writer = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            world.listen()
            writer.sendall(str(world.port).encode())
            signal.pause()
        finally:
            os._exit(1)
    world.port = int(reader.recv(16))
    assert world.call("GET", "/orders").status == 404
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with pytest.raises(OSError):
        world.call("GET", "/orders")
    assert len(world.shop.seen) == 1
    reader.close()
    writer.close()


def test_a_slow_head_ends_at_its_time_however_it_drips(make_world: Make) -> None:
    world = make_world(limits="head_s = 0.3")
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", world.port), timeout=10) as sock:
        sock.settimeout(0.05)
        found = b""
        for byte in b"GET http://shop.test/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":
            try:
                sock.sendall(bytes([byte]))
                found = sock.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
            break
    assert status(found) == 408
    assert 0.2 < time.monotonic() - begin < 3


def test_a_slow_body_ends_at_its_time(make_world: Make) -> None:
    world = make_world(limits="call_s = 0.3")
    assert status(world.raw(post(world, "Content-Length: 10", body="{"))) == 408
    assert world.shop.seen == []


def test_no_more_connections_are_served_at_once_than_the_rules_say(make_world: Make) -> None:
    world = make_world(limits="connections = 2\nhead_s = 0.5")
    idle = [socket.create_connection(("127.0.0.1", world.port), timeout=10) for _ in range(3)]
    assert world.call("GET", "/orders").status == 404
    for sock in idle:
        sock.close()


@pytest.mark.parametrize(
    ("limits", "lines", "body", "expected"),
    [
        ("header_bytes = 2048", [f"X-Large: {'a' * 4000}", "Content-Length: 0"], "", (400, 431)),
        ("header_bytes = 2048", [f"X-{n}: {'a' * 50}" for n in range(100)], "", (400, 431)),
        ("request_bytes = 8", ["Content-Length: 9"], "123456789", (413,)),
        ("request_bytes = 8", ["Transfer-Encoding: chunked"], "9\r\n123456789\r\n0\r\n\r\n", (413,)),
    ],
)
def test_what_is_too_large_is_refused(make_world: Make, limits: str, lines: list[str], body: str, expected) -> None:
    world = make_world(limits=limits)
    assert status(world.raw(post(world, *lines, "Connection: close", body=body))) in expected
    assert world.shop.seen == []


def test_an_answer_that_is_too_large_is_not_passed_on(make_world: Make) -> None:
    world = make_world(limits="response_bytes = 1000")
    answer = world.call("GET", "/large")
    assert (answer.status, len(answer.body) < 300) == (502, True)


def test_a_program_that_sends_too_much_is_told_so(make_world: Make) -> None:
    world = make_world(limits="request_bytes = 1000")
    answer = world.call("POST", "/orders", b"x" * 2_000_000)
    assert (answer.status, answer.json()["egress"]) == (413, "the body is larger than 1,000 bytes")


def test_a_head_of_an_answer_that_is_too_large_is_not_passed_on(world: World) -> None:
    answer = world.call("GET", "/heads")
    assert (answer.status, "x-large" in answer.headers) == (502, False)


def test_what_the_server_means_for_one_connection_only_is_not_passed_on(world: World) -> None:
    answer = world.call("GET", "/hop")
    assert (answer.status, "x-hop" in answer.headers, answer.headers["x-kept"]) == (200, False, "2")


def test_a_server_that_drips_ends_at_its_time(make_world: Make) -> None:
    world = make_world(limits="call_s = 0.5")
    world.shop.fault("GET", "/orders", "drip")
    begin = time.monotonic()
    assert world.call("GET", "/orders").status == 502
    assert time.monotonic() - begin < 10
    world.shop.go_on.set()


def test_after_the_action_nothing_is_sent_or_held(world: World) -> None:
    assert world.egress is not None
    world.egress._gate.changing.seal()
    assert world.call("PUT", "/things/1", {}).status == world.call("POST", "/payments", {}).status == 503
    assert (world.shop.seen, world.stop()) == ([], [])


def test_the_number_of_calls_is_bounded(make_world: Make) -> None:
    world = make_world(limits="requests = 3")
    found = [world.call("GET", "/orders").status for _ in range(5)]
    assert found == [404, 404, 404, 429, 429]
    assert len(world.shop.seen) == 3
    for _ in range(10):
        world.raw(b"nonsense\r\n\r\n")
    assert len(world.journal.phases("refused")) == 1 + 3


def test_a_head_without_a_body_keeps_its_length(world: World) -> None:
    world.shop.put("/things/1", {"name": "a"})
    answer = world.call("HEAD", "/things/1")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "13", b"")


def test_an_answer_to_a_change_that_is_too_large_is_an_effect_all_the_same(make_world: Make) -> None:
    world = make_world(limits="response_bytes = 50")
    assert world.call("PUT", "/things/1", {"name": "a" * 100}).status == 502
    assert [each.resource for each in world.stop()] == [f"http:PUT {world.shop.url}/things/1"]


def test_a_connection_serves_one_request_after_the_other(world: World) -> None:
    netloc = urlsplit(world.shop.url).netloc
    one = f"GET {world.shop.url}/a HTTP/1.1\r\nHost: {netloc}\r\n\r\n"
    last = f"GET {world.shop.url}/b HTTP/1.1\r\nHost: {netloc}\r\nConnection: close\r\n\r\n"
    found = world.raw((one * 3 + last).encode())
    assert found.count(b"HTTP/1.1 404") == 4
    assert [each.path for each in world.shop.seen] == ["/a", "/a", "/a", "/b"]


def test_what_arrives_upstream_is_written_anew(world: World) -> None:
    sent = post(
        world,
        "Transfer-Encoding: chunked",
        "Connection: close, X-Hop",
        "X-Hop: 1",
        "Proxy-Authorization: Basic eDp5",
        "Sandbox-Egress: forged",
        "Cookie: a=b",
        body='2\r\n{"\r\n7\r\na": 12}\r\n0\r\nX-Trailer: 1\r\n\r\n',
    )
    assert status(world.raw(sent)) == 201
    [seen] = world.shop.calls("POST")
    assert seen.body == b'{"a": 12}'
    assert {"x-hop", "proxy-authorization", "sandbox-egress", "x-trailer", "transfer-encoding"} & set(
        seen.headers
    ) == set()
    assert (seen.headers["content-length"], seen.headers["cookie"]) == ("9", "a=b")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.one_of(st.binary(max_size=300), st.tuples(st.binary(max_size=40), st.binary(max_size=40))))
def test_whatever_bytes_come_only_whole_and_allowed_calls_leave(
    world: World, data: bytes | tuple[bytes, bytes]
) -> None:
    if isinstance(data, tuple):
        base = post(world, "Content-Length: 2", body="{}")
        data = base[: len(base) // 2] + data[0] + base[len(base) // 2 :] + data[1]
    with socket.create_connection(("127.0.0.1", world.port), timeout=20) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65_536):
                pass
        except OSError:
            pass
    for seen in world.shop.seen:
        assert seen.path.startswith("/orders")
        json.loads(seen.body or b"{}")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("abz09./%;\\\x00é~2eEfF5"), max_size=40))
def test_a_path_in_its_one_form_stays_as_it_is(text: str) -> None:
    try:
        found = canonical_path("/" + text)
    except AddressError:
        return
    assert canonical_path(found) == found
    assert not {".", ".."} & set(found.split("/"))
    assert "//" not in found


def test_rules_for_reading_do_not_allow_writing(make_world: Make) -> None:
    world = make_world(calls=CALLS[: CALLS.index("[calls.create]")])
    for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get"):
        assert world.call(method, "/orders", {}).status == 403
    assert world.shop.seen == []
