"""A way out with a journal, a store and a program's end, for tests."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.authority import Authority
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.live import HttpLive
from sandbox.effects.http.proxy import Egress
from sandbox.effects.http.rules import Rules, load_rules
from sandbox.model.effects import Effect
from tests.egress.shop import Shop

CALLS = """
[calls.read]
host = "shop"
methods = ["GET", "HEAD", "OPTIONS"]
paths = ["/**"]

[calls.create]
host = "shop"
methods = ["POST"]
paths = ["/orders", "/canary"]
inverse = { url = "{location}" }

[calls.things]
host = "shop"
methods = ["PUT", "PATCH", "DELETE"]
paths = ["/orders/*", "/things/**"]

[calls.pay]
host = "shop"
methods = ["POST"]
paths = ["/payments"]
class = "irreversible"
volatile = ["reference"]
"""


@dataclass(repr=False)
class Journal:
    """Records in memory, and what the way out asks of them. `fail`: the kind that cannot be written."""

    records: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    replayed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fail: str = ""

    def __call__(self, kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: object = None) -> None:
        if self.fail and self.fail in (kind, body.get("phase")):
            raise OSError("the disk is full")
        self.records.append((kind, json.loads(json.dumps(body))))

    def phases(self, *names: str) -> list[dict[str, Any]]:
        return [body for kind, body in self.records if kind == "effect" and body["phase"] in names]

    def kinds(self, *names: str) -> list[dict[str, Any]]:
        return [body for kind, body in self.records if kind in names]

    def undone(self, fingerprint: str) -> Mapping[str, Any] | None:
        return self.replayed.get(fingerprint)

    def sent(self, key: str) -> Mapping[str, Any] | None:
        found = [body for body in self.phases("sending", "sent", "not_sent") if body["key"] == key]
        return found[-1] if found else None


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(repr=False)
class World:
    """One action's way out, and everything behind it."""

    shop: Shop
    folder: Path
    rules: Rules
    authority: Authority
    blobs: Blobs
    journal: Journal
    port: int = 0
    egress: Egress | None = None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("World()")

    def listen(self, *, dry_run: bool = False, action: str = "action-1") -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        episode = Episode.open(
            self.rules,
            self.blobs,
            self.journal,
            action,
            replays=self.journal,
            dry_run=dry_run,
            resolver=lambda host, port: ["127.0.0.1"],
        )
        self.egress = Egress.start(listener, episode, self.authority)

    def stop(self) -> list[Effect]:
        assert self.egress is not None
        egress, self.egress = self.egress, None
        return egress.stop()

    def live(self, **options: Any) -> HttpLive:
        options = {"replays": self.journal, "resolver": lambda host, port: ["127.0.0.1"], **options}
        return HttpLive(self.rules, self.blobs, **options)

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        """As a program with HTTP_PROXY set would."""
        url = path if "://" in path else self.shop.url + path
        body = None if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        parts = urlsplit(url)
        if parts.scheme == "https":
            import ssl

            context = ssl.create_default_context(cadata=self.authority.pem.decode())
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=context, timeout=20
            )
            connection.set_tunnel(parts.hostname or "", parts.port)
            target = parts.path
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            target = url
        try:
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """Bytes as they are; all that comes back until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as sock:
            sock.sendall(data)
            found = b""
            try:
                while chunk := sock.recv(65_536):
                    found += chunk
            except ConnectionResetError:
                pass
            return found

    def everything_written(self) -> bytes:
        """Every byte of the journal and of the store."""
        stored = [path.read_bytes() for path in sorted(self.blobs.folder.rglob("*")) if path.is_file()]
        return json.dumps(self.journal.records).encode() + b"".join(stored)


def write_rules(folder: Path, shop: Shop, calls: str = CALLS, host: str = "", limits: str = "") -> Path:
    """A file of rules for the shop."""
    parts = urlsplit(shop.url)
    text = f"""
name = "shop"
description = "a shop on this machine"

[limits]
backoff_s = 0
{limits}

[hosts.shop]
host = "shop.test"
ports = [{parts.port}]
schemes = ["{parts.scheme}"]
allow_private = true
idempotency = {str(shop.idempotent).lower()}
{host}
{calls}
"""
    text = text.replace("[PORT]", f"[{parts.port}]")
    folder.mkdir(exist_ok=True)
    (folder / "shop.toml").write_text(text)
    return folder


@contextmanager
def opened(tmp: Path, shop: Shop, authority: Authority, blobs: Blobs, **options: Any) -> Iterator[World]:
    dry_run = options.pop("dry_run", False)
    rules = load_rules("shop", write_rules(tmp / "rules", shop, **options))
    world = World(shop, tmp, rules, authority, blobs, Journal())
    world.listen(dry_run=dry_run)
    try:
        yield world
    finally:
        if world.egress is not None:
            world.stop()
