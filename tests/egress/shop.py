"""A small REST server, with versions, merge patches, Idempotency-Key, and faults on command."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.effects.http.merge import apply_merge


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")


@dataclass(repr=False)
class Shop:
    """What the server holds. `faults`: for (method, path), what the next requests meet, one after the other."""

    things: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    faults: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    # How POST answers: location, id, found, nothing, later, elsewhere, above.
    creating: str = "location"
    given_id: Any = 0
    # The process that is killed right after the call of this number was carried out.
    victim: int = 0
    kill_at: int = 0
    etags: bool = True
    # Whether the server writes a number of its own into whatever is put.
    stamps: bool = False
    idempotent: bool = True
    answers: dict[str, tuple[bytes, tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    count: int = 0
    waiting: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def put(self, path: str, value: Any) -> None:
        with self.lock:
            if self.stamps:
                value = {**value, "updated_at": self.versions.get(path, 0)}
            self.things[path] = value
            self.versions[path] = self.versions.get(path, 0) + 1

    def calls(self, *methods: str) -> list[Seen]:
        return [each for each in self.seen if each.method in methods]

    def state(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.things))

    def fault(self, method: str, path: str, *faults: str) -> None:
        self.faults.setdefault((method, path), []).extend(faults)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shop: Shop

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            pass

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        shop = self.shop
        with shop.lock:
            shop.seen.append(Seen(self.command, self.path, headers, body))
            waiting = shop.faults.get((self.command, self.path)) or [""]
            fault = waiting.pop(0)
            if fault == "drop_before":
                self.close_connection = True
                return
            if fault.isdecimal():
                self.reply(int(fault), {"retry-after": "0"}, b"{}")
                return
            if fault == "lie":
                self.reply(200, {}, b"{}")
                return
            if fault == "redirect":
                self.reply(302, {"location": "http://127.0.0.1:1/other"}, b"")
                return
            status, extra, data = self.once(headers, body)
        if shop.victim and len(shop.seen) == shop.kill_at:
            os.kill(shop.victim, signal.SIGKILL)
            self.close_connection = True
        elif fault == "drip":
            self.send_response(200)
            self.send_header("content-length", "1000")
            self.end_headers()
            while not shop.go_on.wait(timeout=0.05):
                self.wfile.write(b"x")
            self.close_connection = True
        elif fault == "503_after":
            self.reply(503, {}, b"{}")
        elif fault == "wait":
            shop.waiting.set()
            shop.go_on.wait(timeout=20)
            self.reply(status, extra, data)
        elif fault == "foreign":
            self.reply(status, extra, data)
            with shop.lock:
                shop.put(self.path, {"name": "foreign"})
        elif fault == "drop_after":
            self.close_connection = True
        elif fault == "truncate":
            self.send_response(status)
            self.send_header("content-length", str(len(data) + 100))
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = True
        else:
            self.reply(status, extra, data)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def once(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        key = headers.get("idempotency-key", "")
        if self.command == "GET" or not key or not self.shop.idempotent:
            return self.work(headers, body)
        meant = self.command.encode() + self.path.encode() + body
        if key not in self.shop.answers:
            self.shop.answers[key] = meant, self.work(headers, body)
        before, answer = self.shop.answers[key]
        return answer if before == meant else (422, {}, b'{"error": "key of another call"}')

    def work(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        path = self.path.partition("?")[0]
        if path == "/echo":
            found = {"headers": headers, "body": body.decode("latin-1")}
            return 200, {"x-echo": headers.get("authorization", "")}, json.dumps(found).encode()
        if path == "/redirect":
            return 302, {"location": headers.get("x-to", "")}, b""
        if path == "/heads":
            return 200, {"x-large": "a" * 40_000}, b"{}"
        if path == "/hop":
            return 200, {"connection": "x-hop", "x-hop": "1", "x-kept": "2"}, b"{}"
        if path == "/large":
            return 200, {}, b"x" * 5_000_000
        if self.command in ("GET", "HEAD"):
            return self.show(path)
        if self.command == "POST":
            return self.post(path, json.loads(body or b"{}"))
        return self.change(path, headers, body)

    def show(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path not in self.shop.things:
            return 404, {}, b"{}"
        return 200, self.version(path), json.dumps(self.shop.things[path]).encode()

    def post(self, path: str, data: Any) -> tuple[int, dict[str, str], bytes]:
        shop = self.shop
        if path.endswith("/cancel"):
            shop.put(path.removesuffix("/cancel"), {**shop.things[path.removesuffix("/cancel")], "status": "cancelled"})
            return 200, {}, b"{}"
        shop.count += 1
        new = f"{path}/{shop.count}"
        shop.put(new, {**data, "id": shop.count if shop.given_id == 0 else shop.given_id})
        full = json.dumps(shop.things[new]).encode()
        return {
            "location": (201, {"location": new}, full),
            "id": (201, {}, full),
            "found": (200, {}, full),
            "nothing": (200, {}, b"{}"),
            "later": (202, {"location": new}, b"{}"),
            "elsewhere": (201, {"location": f"http://127.0.0.1:1{new}"}, b"{}"),
            "above": (201, {"location": "/admin/1"}, b"{}"),
        }[shop.creating]

    def change(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        shop, there = self.shop, path in self.shop.things
        match = headers.get("if-match")
        if match is not None and match != self.version(path).get("etag"):
            return 412, {}, b"{}"
        if headers.get("if-none-match") == "*" and there:
            return 412, {}, b"{}"
        if self.command == "DELETE":
            return (204, {}, b"") if shop.things.pop(path, None) is not None else (404, {}, b"{}")
        if self.command == "PATCH":
            shop.put(path, apply_merge(shop.things.get(path), json.loads(body)))
        else:
            shop.put(path, json.loads(body))
        return 200 if there else 201, self.version(path), json.dumps(shop.things[path]).encode()

    def version(self, path: str) -> dict[str, str]:
        return {"etag": f'"{self.shop.versions.get(path, 0)}"'} if self.shop.etags and path in self.shop.things else {}

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def opened(tls: ssl.SSLContext | None = None) -> Iterator[Shop]:
    shop = Shop()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": shop}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    shop.url = f"{'https' if tls else 'http'}://shop.test:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
