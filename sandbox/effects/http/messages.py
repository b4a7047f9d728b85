"""Calls and responses as plain values, and the one form of an address that is matched, sent and recorded.

What is matched against the rules must be what is sent: an address is brought into one form first, and what has no
such form (dot segments, encoded slashes, empty segments, names that are no host names) is refused.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urljoin, urlsplit

from sandbox.model.effects import Json

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*")
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_QUERY = re.compile(r"[!-~]*")
_ESCAPED = re.compile(rb"%[0-9A-Fa-f]{2}")
# RFC 3986: what a segment may hold unescaped, beside letters, digits and -._~
_SEGMENT = "!$&'()*+,;=:@"

Headers = tuple[tuple[str, str], ...]


class AddressError(ValueError):
    """An address that has no one form; the text says why."""


class Url(NamedTuple):
    """An address in its one form: lower-case host, port always given, path escaped in one way only."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self[:3]

    @property
    def netloc(self) -> str:
        """As in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"

    def with_path(self, path: str) -> Url:
        """Another path at the same origin, without a query. Raises AddressError."""
        return self._replace(path=canonical_path(path), query="")


def parse_url(text: str) -> Url:
    """An absolute http or https address. Raises AddressError."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressError(str(error)) from error
    if parts.scheme not in _PORTS:
        raise AddressError("the address is not an absolute one of http or https")
    if parts.username is not None or parts.password is not None:
        raise AddressError("the address holds a user or a password")
    if not _QUERY.fullmatch(parts.query):
        raise AddressError("the query holds more than visible ASCII")
    return Url(
        parts.scheme,
        canonical_host(parts.hostname or ""),
        _PORTS[parts.scheme] if port is None else port,
        canonical_path(parts.path or "/"),
        parts.query,
    )


def parse_netloc(text: str, scheme: str) -> tuple[str, int]:
    """Host and port of a Host header or a CONNECT target. Raises AddressError."""
    url = parse_url(f"{scheme}://{text}/")
    if url.target != "/":
        raise AddressError(f"{text!r} is more than host and port")
    return url.host, url.port


def canonical_host(host: str) -> str:
    """The name in lower case, or an IPv6 address. Raises AddressError."""
    host = host.lower()
    if ":" in host and "%" not in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            raise AddressError(f"{host[:80]!r} is no address") from error
    if not _HOST.fullmatch(host):
        raise AddressError(f"{host[:80]!r} is no host name")
    return host


def canonical_path(path: str) -> str:
    """Each segment unescaped and escaped again. Raises AddressError for what servers read in different ways."""
    if not path.startswith("/"):
        raise AddressError("the path does not start with a slash")
    segments = [unquote_to_bytes(each) for each in path[1:].split("/")]
    for number, segment in enumerate(segments, 1):
        # Some servers drop what follows the semicolon first, and see the dots then.
        if segment.partition(b";")[0] in (b".", b".."):
            raise AddressError("the path holds a dot segment")
        if b"/" in segment or b"\\" in segment or _CONTROLS.search(segment):
            raise AddressError("a segment of the path holds a slash, a backslash or a control character")
        if _ESCAPED.search(segment):
            raise AddressError("a segment of the path is escaped twice")
        if not segment and number < len(segments):
            raise AddressError("the path holds an empty segment")
    return "/" + "/".join(quote(each, safe=_SEGMENT) for each in segments)


def join(base: Url, reference: str) -> Url:
    """A reference, as in Location, at the same origin as `base`. Raises AddressError."""
    try:
        text = urljoin(str(base), reference)
    except ValueError as error:
        raise AddressError(str(error)) from error
    return same_origin(base, text)


def same_origin(base: Url, text: str) -> Url:
    """An absolute address at the same origin as `base`. Raises AddressError."""
    found = parse_url(text)
    if found.origin != base.origin:
        raise AddressError(f"{text[:200]!r} is at another origin")
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """A request. Names of headers are in lower case; nothing that belongs to one connection only is among them."""

    method: str
    url: Url
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value, or ""."""
        return header(self.headers, name)

    def with_header(self, name: str, value: str) -> Call:
        """With this value in place of any other."""
        return replace(self, headers=(*without(self.headers, {name}), (name, value)))

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, whole, but where `truncated` says that there was more of it than was wanted."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    truncated: bool = False
    # Whether secrets were taken out of the body.
    scrubbed: bool = False

    def header(self, name: str) -> str:
        """The first value, or ""."""
        return header(self.headers, name)

    def json(self) -> Json:
        """The body as JSON, or None where it is none."""
        return parse_json(self.body)


def header(headers: Headers, name: str) -> str:
    """The first value of a header, or ""."""
    return next((value for key, value in headers if key == name), "")


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """The headers but for those of some names."""
    left_out = set(names)
    return tuple((key, value) for key, value in headers if key not in left_out)


def parse_json(body: bytes) -> Json:
    """Plain JSON, or None where it is none or nested too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def canonical_body(body: bytes, volatile: Iterable[str] = ()) -> bytes:
    """JSON with sorted keys and without those that are `volatile` at any depth; anything else as it is."""
    data = parse_json(body)
    if data is None:
        return body
    try:
        return json.dumps(_drop(data, frozenset(volatile)), sort_keys=True, separators=(",", ":")).encode()
    except RecursionError:
        return body


def _drop(data: Json, names: frozenset[str]) -> Json:
    if isinstance(data, dict):
        return {key: _drop(value, names) for key, value in data.items() if key not in names}
    return [_drop(each, names) for each in data] if isinstance(data, list) else data


def fingerprint(call: Call, volatile: Iterable[str] = ()) -> str:
    """Equal for calls that mean the same: method, address with its query in order, body without what is volatile."""
    names = frozenset(volatile)
    query = urlencode(sorted(pair for pair in parse_qsl(call.url.query, True) if pair[0] not in names))
    text = f"{call.method}\n{call.url._replace(query=query)}\n".encode()
    return hashlib.sha256(text + canonical_body(call.body, names)).hexdigest()
