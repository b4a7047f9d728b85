"""Secrets that are put into calls at the way out: loaded, put in, and taken out of whatever comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from sandbox.effects.http.messages import Call, Headers, Response, without
from sandbox.errors import ConfigError

# Shorter ones would be found where they do not stand.
_SHORTEST = 8
_PLACE = "[secret]"
# Whose values are never written down, whoever put them there.
_PRIVATE = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token", "api-key"}
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and where it goes. Neither printed nor compared."""

    header: str
    value: str = field(repr=False, compare=False)
    raw: str = field(repr=False, compare=False)

    def forms(self) -> list[bytes]:
        """What an echo may look like, the longest first."""
        data = self.raw.encode()
        forms = {data, quote(self.raw, safe="").encode(), base64.b64encode(data), base64.urlsafe_b64encode(data)}
        return sorted(forms, key=len, reverse=True)


def load_secret(reference: str, header: str, template: str, where: str) -> Secret:
    """Reads `env:NAME` or `file:PATH`. Raises ConfigError, which names the reference and never the value."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        raw = os.environ.get(name, "")
    else:
        try:
            raw = Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{where}: {reference} cannot be read", why=type(error).__name__) from error
    if len(raw) < _SHORTEST or not raw.isascii() or not raw.isprintable():
        raise ConfigError(
            f"{where}: {reference} is missing, or is no secret",
            why=f"at least {_SHORTEST} printable ASCII characters are needed",
        )
    return Secret(header, template.replace("{}", raw), raw)


def put_in(call: Call, secrets: Iterable[Secret]) -> Call:
    """The call with its secrets, whatever the program had put in their place.

    Parts of a body and compressed bodies are not asked for then: a secret in them could not be found.
    """
    found = tuple(secrets)
    if not found:
        return call
    names = {each.header for each in found}
    headers = without(call.headers, {*names, "range", "if-range", "accept-encoding"})
    return replace(
        call, headers=(*headers, ("accept-encoding", "identity"), *((each.header, each.value) for each in found))
    )


def take_out(response: Response, secrets: Iterable[Secret]) -> Response:
    """The response without its secrets. Raises ValueError where it cannot be looked into."""
    found = tuple(secrets)
    if not found:
        return response
    if response.header("content-encoding") not in ("", "identity"):
        raise ValueError("the response is compressed, so that no secret could be found in it")
    body, headers = response.body, response.headers
    for form in (form for each in found for form in each.forms()):
        body = body.replace(form, _PLACE.encode())
        text = form.decode()
        headers = tuple((name.replace(text, _PLACE), value.replace(text, _PLACE)) for name, value in headers)
    return replace(response, body=body, headers=headers, scrubbed=body != response.body)


def redacted(headers: Headers, key: bytes, private: Iterable[str] = ()) -> list[list[str | Mapping[str, str]]]:
    """Headers as they may be written down: of private ones only a commitment, HMAC-SHA256 under `key`."""
    names = _PRIVATE | set(private)
    return [
        [name, {"hmac": hmac.new(key, value.encode(), hashlib.sha256).hexdigest()} if name in names else value]
        for name, value in headers
    ]
