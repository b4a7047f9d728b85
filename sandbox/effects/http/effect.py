"""What a call did, as an `Effect`, and how `HttpLive` reads it back.

Three forms, told by `inverse["form"]`:

    state    a resource whose states before and after were looked at: led to either by writing that state
    call     something else was done, and another call with a postcondition makes up for it
    outbox   nothing was done yet: the call waits for commit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.binding import Bound
from sandbox.effects.http.messages import Call, Url, parse_url
from sandbox.effects.http.observe import State
from sandbox.effects.http.rules import CallTable, Postcondition
from sandbox.model.effects import Class, Effect, Json

Form = Literal["state", "call", "outbox"]
# A state that could not be looked at.
NOT_SEEN = {"unseen": True}


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that is needed to lead an effect to either side, read from `Effect.inverse`."""

    form: Form
    # The resource that is led, or the address of the compensation.
    url: Url
    # The call that was made: method, address, type and digest of the body.
    request: Mapping[str, Json]
    # Of the call; those of what leads it back and forth again are made from it.
    key: str
    put_back: str
    recreate: str
    volatile: tuple[str, ...]
    # Of form "call".
    method: str = ""
    body: Json = None
    verify: Postcondition | None = None
    fingerprint: str = ""
    source: str = "method"

    def to_json(self) -> dict[str, Json]:
        """As `Effect.inverse` holds it."""
        return {
            "form": self.form,
            "url": str(self.url),
            "request": dict(self.request),
            "key": self.key,
            "put_back": self.put_back,
            "recreate": self.recreate,
            "volatile": list(self.volatile),
            "method": self.method,
            "body": self.body,
            "verify": self.verify.model_dump(by_alias=True) if self.verify else None,
            "fingerprint": self.fingerprint,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Way:
        """Reads what `to_json` wrote. Raises KeyError, ValueError."""
        verify = Postcondition.model_validate(data["verify"]) if data["verify"] else None
        return cls(
            data["form"],
            parse_url(data["url"]),
            data["request"],
            data["key"],
            data["put_back"],
            data["recreate"],
            tuple(data["volatile"]),
            data["method"],
            data["body"],
            verify,
            data["fingerprint"],
            data["source"],
        )


def way_of(form: Form, call: Call, body: str, key: str, rule: CallTable, url: Url, bound: Bound | None = None) -> Way:
    """How a call's effect is led. `body`: digest of the call's body. `url`: the resource that it changed."""
    request = {"method": call.method, "url": str(call.url), "type": call.header("content-type"), "body": body}
    undone_by = bound if bound and form == "call" else None
    return Way(
        form,
        url,
        request,
        key,
        rule.put_back,
        rule.recreate,
        rule.volatile,
        undone_by.method if undone_by else "",
        undone_by.body if undone_by else None,
        undone_by.verify if undone_by else None,
        source=bound.source if bound else "method",
    )


def request_of(way: Way, blobs: Blobs) -> Call:
    """The call as it was made, with its key. Raises FileNotFoundError when its body is gone."""
    request = way.request
    headers = (("content-type", str(request["type"])),) if request["type"] else ()
    body = blobs.read(str(request["body"])) if request["body"] else b""
    call = Call(str(request["method"]), parse_url(str(request["url"])), headers, body)
    return call.with_header("idempotency-key", way.key)


def state_of(data: Json) -> State | None:
    """A side of an effect of form "state". Raises KeyError where it was not seen."""
    return None if data is None else State.from_json(data)


def seen(data: Json) -> bool:
    """Whether a side is known."""
    return bool(data != NOT_SEEN)


def make(call: Call, op: str, pre: Json, post: Json, cls: Class, residue: tuple[str, ...], way: Way | None) -> Effect:
    """The effect of a call; without a way to lead it back it is worth no more than UNKNOWN."""
    resource = f"http:{call.method} {call.url}"
    if way is None:
        cls = max(cls, Class.UNKNOWN)
    return Effect(resource, op, pre, post, cls, residue, way.to_json() if way else None)
