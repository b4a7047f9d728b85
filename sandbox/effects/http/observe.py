"""A look at a resource: what GET shows of it. Success, conflicts and states are told by looks, never by answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.messages import AddressError, Call, Url, canonical_body, parse_json, parse_url
from sandbox.effects.http.rules import Postcondition
from sandbox.effects.http.upstream import InDoubtError, NotSentError, Upstream
from sandbox.errors import SandboxError
from sandbox.model.effects import Json

_GONE = (404, 410)


class LookError(SandboxError):
    """A resource could not be looked at, so nothing is known of its state."""

    code = "look"


@dataclass(frozen=True, slots=True)
class State:
    """A resource that is there. `body`: digest of its bytes. `meaning`: digest of them without what is volatile.

    Two states are the same when type and meaning are; two that stem from the same write have the same `etag`, too.
    """

    etag: str
    type: str
    body: str
    size: int
    meaning: str

    def to_json(self) -> dict[str, Json]:
        """As `Effect.pre` and `Effect.post` hold it."""
        return {"etag": self.etag, "type": self.type, "body": self.body, "size": self.size, "meaning": self.meaning}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> State:
        """Reads what `to_json` wrote. Raises KeyError."""
        return cls(data["etag"], data["type"], data["body"], data["size"], data["meaning"])

    def same(self, other: State | None) -> bool:
        """Whether both show the same, whoever wrote it."""
        return other is not None and (self.type, self.meaning) == (other.type, other.meaning)


def same(one: State | None, other: State | None) -> bool:
    """Whether both are there and show the same, or neither is there."""
    return other is None if one is None else one.same(other)


class Looks:
    """Looks at resources of one set of rules, and stores what they hold."""

    def __init__(self, upstream: Upstream, blobs: Blobs) -> None:
        self.upstream, self.blobs = upstream, blobs

    def at(self, url: Url, volatile: Iterable[str] = ()) -> State | None:
        """The state of a resource, None where there is none. Raises LookError."""
        call = Call("GET", url, (("accept", "*/*"), ("accept-encoding", "identity"), ("cache-control", "no-cache")))
        try:
            response = self.upstream.insist(call)
        except (NotSentError, InDoubtError) as error:
            raise LookError(f"{url} cannot be looked at", why=error.why or error.subject) from error
        if response.status in _GONE:
            return None
        if response.scrubbed:
            # What is stored would not be what is there, and must never be written back.
            raise LookError(f"{url} cannot be looked at", why="it shows a secret")
        if response.status != 200 or response.truncated or response.header("content-encoding") not in ("", "identity"):
            why = "it is too large" if response.truncated else f"it answers {response.status}"
            raise LookError(f"{url} cannot be looked at", why=why)
        meaning = hashlib.sha256(canonical_body(response.body, volatile)).hexdigest()
        type_ = response.header("content-type").partition(";")[0].strip().lower()
        digest = self.blobs.put_bytes(response.body)
        return State(response.header("etag"), type_, digest, len(response.body), meaning)

    def holds(self, condition: Postcondition) -> bool:
        """Whether a postcondition holds, whose address is bound already. Raises LookError."""
        try:
            call = Call("GET", parse_url(condition.url), (("accept-encoding", "identity"),))
            response = self.upstream.insist(call)
        except (AddressError, NotSentError, InDoubtError) as error:
            raise LookError(f"{condition.url} cannot be looked at", why=str(error)) from error
        if condition.status and response.status not in condition.status:
            return False
        if not condition.status and response.status != 200:
            raise LookError(f"{condition.url} cannot be looked at", why=f"it answers {response.status}")
        data = parse_json(response.body) if condition.json_values else {}
        wanted = condition.json_values.items()
        return isinstance(data, dict) and all(key in data and data[key] == value for key, value in wanted)
