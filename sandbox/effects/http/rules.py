"""Rules of the way out, as data: `policies/egress/NAME.toml`. What no rule names is refused.

A file has [limits], the servers that may be reached as [hosts.NAME], and what may be asked of them as [calls.NAME]; the
first call that fits decides.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from sandbox.datafiles import Strict, check, folder, read_toml
from sandbox.effects.globs import of_url
from sandbox.effects.http.credentials import Secret, load_secret
from sandbox.effects.http.messages import AddressError, Call, Url, canonical_host
from sandbox.effects.http.openapi import OpenApi, load_openapi
from sandbox.errors import ConfigError, nearest

_METHOD = re.compile(r"[A-Z]{1,32}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")


class LimitsTable(Strict):
    """The [limits] table. What is over them is refused, or cut off and reported, never let through in part."""

    # Calls of one action, refused ones among them.
    requests: int = Field(default=1_000, ge=1)
    request_bytes: int = Field(default=1 << 20, ge=0)
    response_bytes: int = Field(default=16 << 20, ge=1)
    header_bytes: int = Field(default=32_768, ge=1_024, le=1 << 20)
    # Connections from the jail at one time.
    connections: int = Field(default=16, ge=1, le=256)
    # Seconds for a whole head to arrive, on a fresh connection or between two requests.
    head_s: float = Field(default=10.0, gt=0, le=600)
    # Seconds for a body to arrive, and for a call upstream, each as a whole.
    call_s: float = Field(default=30.0, gt=0, le=600)
    # How often a look or a compensation is tried when the server is busy, and the first wait, in seconds.
    attempts: int = Field(default=4, ge=1, le=20)
    backoff_s: float = Field(default=0.2, ge=0, le=60)


class SecretTable(Strict):
    """A credential that is put into calls here, and that the jail never sees."""

    header: str
    # `env:NAME` of the server's environment or `file:PATH`.
    secret: str = Field(pattern=r"^(env|file):.+$")
    # Where the secret stands in the header's value.
    value: str = "{}"

    @field_validator("header")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not _TOKEN.fullmatch(name) or name.lower() in ("host", "content-length", "transfer-encoding", "connection"):
            raise ValueError("no header that a secret can stand in")
        return name.lower()

    @field_validator("value")
    @classmethod
    def _has_a_place(cls, value: str) -> str:
        if value.count("{}") != 1:
            raise ValueError("needs one {}, where the secret is put")
        return value


class HostTable(Strict):
    """A server, or with `*.` in front all servers below a name."""

    host: str
    ports: tuple[int, ...] = (443,)
    schemes: tuple[Literal["http", "https"], ...] = ("https",)
    # Addresses of private networks and of this machine. Link-local ones, where clouds tell secrets, are never reached.
    allow_private: bool = False
    # A file of certificates, beside the rules, in place of the system's.
    ca: str = ""
    # A description, beside the rules, that tells what takes back a POST.
    openapi: str = ""
    # Whether the server honours Idempotency-Key: only then is a call ever sent again.
    idempotency: bool = False
    secrets: dict[str, SecretTable] = Field(default={})

    @field_validator("host")
    @classmethod
    def _is_a_name(cls, host: str) -> str:
        try:
            return "*." + canonical_host(host[2:]) if host.startswith("*.") else canonical_host(host)
        except AddressError as error:
            raise ValueError(str(error)) from error

    def fits(self, host: str) -> bool:
        """Whether a host is meant."""
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host


class Postcondition(Strict):
    """What a look shows when a compensation has worked: a status, or values in a JSON object."""

    url: str
    status: tuple[int, ...] = ()
    json_values: dict[str, str | int | bool] = Field(default={}, alias="json")

    @model_validator(mode="after")
    def _says_something(self) -> Postcondition:
        if not self.status and not self.json_values:
            raise ValueError("needs status or json")
        return self


class InverseTable(Strict):
    """The call that takes another back. `{location}`, `{response.id}`, `{request.path}` are bound to what was seen."""

    method: Literal["DELETE", "POST", "PUT", "PATCH"] = "DELETE"
    url: str = "{location}"
    # A JSON object whose text values are templates.
    body: dict[str, str | int | bool] | None = None
    # Where {location} may point, as a glob of paths; without it, below the path of the call only.
    within: str = ""
    verify: Postcondition | None = None
    # Statuses that mean that something new was made. 200 may show what was there before, and must not be deleted.
    created: tuple[int, ...] = (201,)

    @model_validator(mode="after")
    def _can_be_verified(self) -> InverseTable:
        if self.method != "DELETE" and self.verify is None:
            raise ValueError("other than for a DELETE, verify has to say what a look shows afterwards")
        return self


class CallTable(Strict):
    """What may be asked of a server, and how it is taken back."""

    host: str
    methods: tuple[str, ...] = Field(min_length=1)
    # Globs: `*` is within one segment, `**` any number of them.
    paths: tuple[str, ...] = Field(min_length=1)
    # The best class that such a call can have. `irreversible` ones go to the outbox, whatever their method.
    cls: Literal["auto", "compensatable", "irreversible", "unknown"] = Field(default="auto", alias="class")
    inverse: InverseTable | None = None
    # What becomes of a call that nothing is known to take back: refused, held until commit, or sent as UNKNOWN.
    without_inverse: Literal["deny", "outbox", "send"] = "deny"
    # How an earlier state is written back, and how a deleted resource comes again.
    put_back: Literal["PUT", "PATCH"] = "PUT"
    recreate: Literal["PUT", "POST"] = "PUT"
    # What 202 is worth.
    accepted: Literal["unknown", "compensatable"] = "unknown"
    # Keys of JSON and of queries that do not count when two states or two calls are compared.
    volatile: tuple[str, ...] = ()
    # Whether the program may bring its own inverse, and the path on which such an inverse is tried first.
    caller_inverse: bool = False
    canary: str = ""
    # Whether `Sandbox-Fork` may ask for a second irreversible call.
    fork: bool = False

    @field_validator("methods")
    @classmethod
    def _are_methods(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for method in methods:
            if not _METHOD.fullmatch(method) or method in ("CONNECT", "TRACE"):
                raise ValueError(f"{method!r} is no method in capitals, or one that is never passed")
        return methods

    @field_validator("paths")
    @classmethod
    def _are_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not path.startswith("/"):
                raise ValueError(f"{path!r} does not start with a slash")
        return paths

    @model_validator(mode="after")
    def _caller_needs_a_canary(self) -> CallTable:
        if self.caller_inverse and not self.canary:
            raise ValueError("caller_inverse needs a canary, on which inverses are tried")
        return self


class RulesTable(Strict):
    """A whole file."""

    name: str
    description: str
    limits: LimitsTable = LimitsTable()
    hosts: dict[str, HostTable]
    calls: dict[str, CallTable]


@dataclass(frozen=True)
class Refusal:
    """Why a call is not allowed, and the rule that is missing."""

    why: str
    missing: str


@dataclass(frozen=True)
class Host:
    """A server of the rules, with what it needs: trust, secrets, description."""

    name: str
    table: HostTable
    secrets: tuple[Secret, ...]
    tls: ssl.SSLContext | None
    openapi: OpenApi | None


@dataclass(frozen=True)
class Rules:
    """A checked file. `hash` covers its text and no secret."""

    table: RulesTable
    hosts: Mapping[str, Host]
    hash: str

    @property
    def name(self) -> str:
        """As policies ask for it."""
        return self.table.name

    @property
    def limits(self) -> LimitsTable:
        """The [limits] table."""
        return self.table.limits

    def host(self, url: Url) -> Host | Refusal:
        """The server that an address is of, by name, port and scheme."""
        named = [each for each in self.hosts.values() if each.table.fits(url.host)]
        for host in named:
            if url.port in host.table.ports and url.scheme in host.table.schemes:
                return host
        missing = f'[hosts.NAME] host = "{url.host}", ports = [{url.port}], schemes = ["{url.scheme}"]'
        known = " on this port with this scheme" if named else ""
        return Refusal(f"no rule of {self.name!r} names the host{known}", missing)

    def match(self, call: Call) -> tuple[Host, str, CallTable] | Refusal:
        """The server and the first rule that fits, with its name."""
        host = self.host(call.url)
        if isinstance(host, Refusal):
            return host
        for name, rule in self.table.calls.items():
            fits = rule.host == host.name and call.method in rule.methods
            if fits and any(of_url(path).fullmatch(call.url.path) for path in rule.paths):
                return host, name, rule
        missing = f'[calls.NAME] host = "{host.name}", methods = ["{call.method}"], paths = ["{call.url.path}"]'
        return Refusal(f"no rule of {self.name!r} allows this call", missing)


def load_rules(name: str, path: Path | None = None) -> Rules:
    """The rules of a name, of a folder (default: the shipped ones). Raises ConfigError, with file and line."""
    file = (path or folder("policies") / "egress") / f"{name}.toml"
    table = check(RulesTable, read_toml(file), file)
    if table.name != file.stem:
        raise ConfigError(f"{file.name}: name is {table.name!r}", fix=f"call it {file.stem!r}, as the file")
    for each, call in table.calls.items():
        if call.host not in table.hosts:
            raise ConfigError(
                f"{file.name}: calls.{each}: unknown host {call.host!r}", fix=nearest(call.host, table.hosts)
            )
    hosts = {each: _host(each, host, file) for each, host in table.hosts.items()}
    text = json.dumps(table.model_dump(), sort_keys=True)
    return Rules(table, hosts, "sha256:" + hashlib.sha256(text.encode()).hexdigest())


def _host(name: str, table: HostTable, file: Path) -> Host:
    where = f"{file.name}: hosts.{name}"
    secrets = tuple(
        load_secret(each.secret, each.header, each.value, f"{where}.secrets.{key}")
        for key, each in table.secrets.items()
    )
    try:
        tls = _trust(file.parent / table.ca if table.ca else None) if "https" in table.schemes else None
    except OSError as error:
        raise ConfigError(f"{where}: ca {table.ca!r} cannot be read", why=str(error)) from error
    openapi = load_openapi(file.parent / table.openapi, where) if table.openapi else None
    return Host(name, table, secrets, tls, openapi)


def _trust(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
