"""The call that takes another back, bound to what the server answered: ids, addresses and versions of that answer.

Whoever chooses an answer must not choose what is called with the server's credentials later. A Location counts only at
the same origin and below the path of the call (or where the rule says), and values are put into addresses as one
segment each.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote

from sandbox.effects.globs import of_url
from sandbox.effects.http.messages import AddressError, Call, Response, Url, join, same_origin
from sandbox.effects.http.openapi import OpenApi
from sandbox.effects.http.rules import InverseTable, Postcondition
from sandbox.model.effects import Json

_PLACE = re.compile(r"\{([a-z]+(?:\.[A-Za-z0-9_-]+)*)\}")


class UnboundError(ValueError):
    """The answer does not hold what the inverse needs; the text says what."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An inverse with all its values. `verify`: what a look has to show afterwards; None: that the address is gone."""

    method: str
    url: Url
    body: Json
    verify: Postcondition | None
    # rule, openapi or caller.
    source: str


def compensation(method: str, url: Url, body: Json) -> Call:
    """The call of an inverse that is bound."""
    if body is None:
        return Call(method, url)
    return Call(method, url, (("content-type", "application/json"),), json.dumps(body).encode())


def bind(table: InverseTable, call: Call, response: Response, source: str) -> Bound:
    """Puts what was seen in the places of a template. Raises UnboundError."""
    location = _location(table, call, response)
    try:
        url = _address(table.url, call, response, location)
        verify = table.verify
        if verify is not None:
            verify = verify.model_copy(update={"url": str(_address(verify.url, call, response, location))})
    except AddressError as error:
        raise UnboundError(str(error)) from error
    body = None
    if table.body is not None:
        body = {
            key: _fill(value, call, response, location, escaped=False) if isinstance(value, str) else value
            for key, value in table.body.items()
        }
    return Bound(table.method, url, body, verify, source)


def bind_openapi(openapi: OpenApi, call: Call, response: Response) -> Bound | None:
    """The DELETE that the description has beside a POST; None where it has none. Raises UnboundError."""
    name = openapi.identifier(call.url.path)
    if name is None:
        return None
    if response.header("location"):
        return bind(InverseTable(), call, response, "openapi")
    data = response.json()
    key = next((each for each in (name, "id") if isinstance(data, dict) and each in data), None)
    if key is None:
        raise UnboundError(f"the answer has neither Location, nor {name!r}, nor 'id'")
    template = InverseTable(url="{request.path}/{response." + key + "}")
    return bind(template, call, response, "openapi")


def _location(table: InverseTable, call: Call, response: Response) -> Url | None:
    reference = response.header("location")
    if not reference:
        return None
    try:
        url = join(call.url, reference)
    except AddressError:
        return None
    if table.within:
        return url if of_url(table.within).fullmatch(url.path) else None
    above = call.url.path.rstrip("/") + "/"
    return url if url.path.startswith(above) and url.path != above and not url.query else None


def _address(template: str, call: Call, response: Response, location: Url | None) -> Url:
    if template == "{location}":
        if location is None:
            raise UnboundError("the answer has no Location below the path of the call at the same origin")
        return location
    text = _fill(template, call, response, location, escaped=True)
    # Joined as a reference, a value of dots would climb before anybody could see it.
    return same_origin(call.url, f"{call.url.scheme}://{call.url.netloc}{text}" if text.startswith("/") else text)


def _fill(template: str, call: Call, response: Response, location: Url | None, *, escaped: bool) -> str:
    def value(place: re.Match[str]) -> str:
        name = place[1]
        if name == "location":
            if location is None:
                raise UnboundError("the answer has no Location that counts")
            return location.path if escaped else str(location)
        if name == "request.path":
            return call.url.path.rstrip("/")
        source, _, path = name.partition(".")
        text = _scalar(name, response.json() if source == "response" else _request_json(source, call), path)
        return quote(text, safe="") if escaped else text

    return _PLACE.sub(value, template)


def _request_json(source: str, call: Call) -> Json:
    if source != "request":
        raise UnboundError(f"nothing is called {source!r}")
    return Response(200, (), call.body).json()


def _scalar(name: str, data: Json, path: str) -> str:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    if isinstance(data, bool) or not isinstance(data, str | int) or data == "" or len(str(data)) > 500:
        raise UnboundError(f"there is no {name!r} that is a text or a number")
    return str(data)
