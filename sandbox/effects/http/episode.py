"""What all parts of one action's way out share: rules, connections, stores, and how calls are written down."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.effects.adapter import Beside, Note
from sandbox.effects.blobs import Blobs
from sandbox.effects.http.addresses import Resolve, resolve
from sandbox.effects.http.credentials import redacted
from sandbox.effects.http.messages import Call, Headers, Response
from sandbox.effects.http.observe import Looks
from sandbox.effects.http.rules import Host, Rules
from sandbox.effects.http.upstream import Upstream
from sandbox.model.effects import Json


class Replays(Protocol):
    """What the journal knows of irreversible calls that were really sent."""

    def undone(self, fingerprint: str) -> Mapping[str, Json] | None:
        """The record, with phase "sent", of an equal call of an action that was undone since; None: there is none."""

    def sent(self, key: str) -> Mapping[str, Json] | None:
        """The last record with phase "sending", "sent" or "not_sent" of a key; None: it was never begun."""


class NoReplays:
    """Of a journal that knows of no call."""

    def undone(self, fingerprint: str) -> None:
        """None."""

    def sent(self, key: str) -> None:
        """None."""


class _Serial:
    def __init__(self, note: Note) -> None:
        self._note, self._lock = note, threading.Lock()

    def __call__(self, kind: str, body: Mapping[str, Json], *, durable: bool = False, beside: Beside = None) -> None:
        with self._lock:
            self._note(kind, body, durable=durable, beside=beside)


@dataclass(frozen=True, slots=True)
class Episode:
    """One action under one set of rules."""

    rules: Rules
    upstream: Upstream
    looks: Looks
    blobs: Blobs
    note: Note
    action: str
    replays: Replays
    dry_run: bool
    # How many calls the action may make, refused ones among them.
    requests: int
    # Keys the commitments to what is not written down. Who keeps it can prove later what stood there.
    redaction_key: bytes = field(repr=False)

    @classmethod
    def open(
        cls,
        rules: Rules,
        blobs: Blobs,
        note: Note,
        action: str,
        *,
        replays: Replays | None = None,
        dry_run: bool = False,
        requests: int | None = None,
        redaction_key: bytes | None = None,
        resolver: Resolve = resolve,
    ) -> Episode:
        """With connections of its own. `note` is called by one thread at once. `requests`: if fewer than theirs."""
        upstream = Upstream(rules, resolver)
        return cls(
            rules,
            upstream,
            Looks(upstream, blobs),
            blobs,
            _Serial(note),
            action,
            replays or NoReplays(),
            dry_run,
            rules.limits.requests if requests is None else min(requests, rules.limits.requests),
            redaction_key or secrets.token_bytes(32),
        )

    def private(self, host: Host) -> set[str]:
        """Names of headers whose values are never written down."""
        return {each.header for each in host.secrets}

    def request(self, call: Call, host: Host, rule: str) -> dict[str, Json]:
        """A call as records hold it; its body is in the store, not yet durable."""
        return {
            "method": call.method,
            "url": str(call.url),
            "headers": redacted(call.headers, self.redaction_key, self.private(host)),
            "type": call.header("content-type"),
            "body": self.blobs.put_bytes(call.body) if call.body else "",
            "size": len(call.body),
            "host": host.name,
            "rule": rule,
        }

    def response(self, response: Response, host: Host) -> dict[str, Json]:
        """A response as records hold it."""
        return {
            "status": response.status,
            "headers": redacted(response.headers, self.redaction_key, self.private(host)),
            "body": self.blobs.put_bytes(response.body) if response.body else "",
            "size": len(response.body),
            "truncated": response.truncated,
        }

    def recorded(self, record: Mapping[str, Json]) -> Response:
        """A response again, without what was not written down. Raises KeyError, FileNotFoundError."""
        found = record["response"]
        headers: Headers = tuple((name, value) for name, value in found["headers"] if isinstance(value, str))
        return Response(found["status"], headers, self.blobs.read(found["body"]) if found["body"] else b"")


class Keys:
    """Idempotency keys of one action: the same for a call that is tried again, another for the next equal one."""

    def __init__(self, action: str) -> None:
        self._action = action
        self._answered: dict[str, int] = {}
        self._lock = threading.Lock()

    def key(self, meaning: str, own: str = "") -> str:
        """For a call with this fingerprint, and with the program's own key if it has one.

        What the program chose is never sent as it is: it could be the key of somebody else's call.
        """
        with self._lock:
            text = json.dumps([self._action, own or self._answered.get(meaning, 0), meaning])
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def answered(self, meaning: str) -> None:
        """The next call with this fingerprint is a new one."""
        with self._lock:
            self._answered[meaning] = self._answered.get(meaning, 0) + 1


def answer(status: int, why: str, *, headers: Headers = (), **more: Json) -> Response:
    """A response of the way out itself: JSON, told from a server's by its `Sandbox-Egress` header."""
    body = json.dumps({"egress": why, **more}).encode()
    return Response(status, (("content-type", "application/json"), ("sandbox-egress", "1"), *headers), body)
