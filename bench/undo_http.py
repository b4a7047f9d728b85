"""What the way out over HTTP costs: each call through it against the same call without it, and starting one.

`python -m bench.undo_http` prints the table. Everything runs on this machine, with a journal that is flushed.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.stats import percentile
from sandbox.effects.adapter import Beside, Live
from sandbox.effects.blobs import Blobs
from sandbox.effects.http.authority import Authority
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.live import HttpLive
from sandbox.effects.http.proxy import Egress
from sandbox.effects.http.rules import Rules, load_rules

CALLS = 300
_RULES = """
name = "bench"
description = "a server on this machine"

[limits]
requests = 1_000_000

[hosts.plain]
host = "plain.test"
ports = [{plain}]
schemes = ["http"]
allow_private = true

[hosts.tls]
host = "tls.test"
ports = [{tls}]
schemes = ["https"]
allow_private = true
ca = "ca.pem"

[calls.plain]
host = "plain"
methods = ["GET", "PUT", "DELETE"]
paths = ["/**"]

[calls.tls]
host = "tls"
methods = ["GET"]
paths = ["/**"]
"""


class _Things(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    things: dict[str, bytes]

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.command == "PUT":
            self.things[self.path] = body
        found = self.things.pop(self.path, None) if self.command == "DELETE" else self.things.get(self.path)
        self.send_response(404 if found is None else 200)
        self.send_header("content-length", str(len(found or b"")))
        self.end_headers()
        self.wfile.write(found or b"")

    do_GET = do_PUT = do_DELETE = _answer


@contextmanager
def _server(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    handler = type("Things", (_Things,), {"things": {"/thing": b'{"name": "a"}'}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Journal:
    """Records in a file, flushed where they have to be."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: Beside = None) -> None:
        os.write(self._fd, json.dumps([kind, body]).encode() + b"\n")
        if durable:
            os.fdatasync(self._fd)


def _times(act: Callable[[int], object], calls: int = CALLS) -> list[float]:
    """Milliseconds of each of `calls`, after a few that warm up."""
    found = []
    for number in range(calls + 20):
        begin = time.perf_counter()
        act(number)
        found.append((time.perf_counter() - begin) * 1e3)
    return found[20:]


def _ask(connection: http.client.HTTPConnection, method: str, url: str, body: bytes | None = None) -> bytes:
    connection.request(method, url, body)
    return connection.getresponse().read()


def measure(calls: int = CALLS) -> dict[str, list[float]]:
    """Milliseconds of each call, by what was done."""
    servers, jails = Authority(), Authority()
    with tempfile.TemporaryDirectory() as folder, _server() as plain, _server(servers.context("tls.test")) as tls:
        top = Path(folder)
        (top / "ca.pem").write_bytes(servers.pem)
        (top / "bench.toml").write_text(_RULES.format(plain=plain, tls=tls))
        rules = load_rules("bench", top)
        blobs, journal = Blobs(top / "blobs", 1 << 30), _Journal(top / "journal")
        found = _direct(plain, tls, servers, calls)
        found["start and stop"] = _times(lambda _: _start(rules, blobs, journal, jails)[1].stop(), calls)
        found["authority of an episode"] = _times(lambda _: Authority(), 50)
        found["certificate of a host"] = _times(lambda number: jails.context(f"h{number}.test"), 50)
        port, egress = _start(rules, blobs, journal, jails)
        found |= _through(port, plain, tls, jails, calls)
        effects = egress.stop()
        live: Live = HttpLive(rules, blobs, resolver=_resolve)
        begin = time.perf_counter()
        live.apply(effects, "pre", journal)
        found["undo, each effect"] = [(time.perf_counter() - begin) * 1e3 / len({each.resource for each in effects})]
        found["flush of the journal"] = _times(lambda _: journal("x", {}, durable=True), calls)
        found["flush of the store"] = _times(lambda number: _stored(blobs, number), calls)
        blobs.close()
    return found


def _stored(blobs: Blobs, number: int) -> None:
    blobs.put_bytes(b"%d" % number)
    blobs.barrier()


def _resolve(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def _start(rules: Rules, blobs: Blobs, journal: _Journal, authority: Authority) -> tuple[int, Egress]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    episode = Episode.open(rules, blobs, journal, "bench", resolver=_resolve)
    return port, Egress.start(listener, episode, authority)


def _direct(plain: int, tls: int, servers: Authority, calls: int) -> dict[str, list[float]]:
    connection = http.client.HTTPConnection("127.0.0.1", plain)
    context = ssl.create_default_context(cadata=servers.pem.decode())
    context.check_hostname = False
    secure = http.client.HTTPSConnection("127.0.0.1", tls, context=context)
    found = {
        "GET without it": _times(lambda _: _ask(connection, "GET", "/thing"), calls),
        "GET without it, TLS": _times(lambda _: _ask(secure, "GET", "/thing"), calls),
        "PUT without it": _times(lambda n: _ask(connection, "PUT", f"/direct/{n}", b"{}"), calls),
    }
    connection.close()
    secure.close()
    return found


def _through(port: int, plain: int, tls: int, jails: Authority, calls: int) -> dict[str, list[float]]:
    url = f"http://plain.test:{plain}"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    context = ssl.create_default_context(cadata=jails.pem.decode())
    secure = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    secure.set_tunnel("tls.test", tls)
    found = {
        "GET through it": _times(lambda _: _ask(connection, "GET", f"{url}/thing"), calls),
        "GET through it, TLS": _times(lambda _: _ask(secure, "GET", "/thing"), calls),
        "PUT through it: two looks, journal, store": _times(
            lambda n: _ask(connection, "PUT", f"{url}/put/{n}", b'{"n": %d}' % n), calls
        ),
    }
    connection.close()
    secure.close()
    return found


def main() -> None:
    """Prints the table."""
    print(f"{'milliseconds':44} {'p50':>8} {'p95':>8}")
    for name, times in measure().items():
        print(f"{name:44} {percentile(times, 0.5):8.2f} {percentile(times, 0.95):8.2f}")


if __name__ == "__main__":
    main()
