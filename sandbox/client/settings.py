"""How a client behaves. Plain data: what a client is pickled as."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypedDict

from sandbox.errors import SandboxError

DEFAULT_ADDRESS = "127.0.0.1:50051"
# Also what gRPC itself names by a scheme: dns:///HOST:PORT, ipv4:ADDRESS:PORT, ipv6:[ADDRESS]:PORT.
_ADDRESS = re.compile(r"unix:.+|unix-abstract:.+|(dns:|ipv4:|ipv6:)\S+|[^\s:/]+:\d+|\[[0-9a-fA-F:.%]+\]:\d+")


class Options(TypedDict, total=False):
    """Keyword arguments of the clients; `Settings` says what they mean."""

    timeout: float | None
    tries: int
    patience: float
    window: int
    window_bytes: int
    retry_faults: bool
    max_message_bytes: int
    token: str
    tls: bool | bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """Times in seconds, sizes in bytes.

    `timeout`           bounds one job, waiting and retries included; None waits for ever
    `tries`             how often one job is sent before it ends in a fault; a full queue may refuse it 5 times as often
    `patience`          how long jobs wait while no server answers at all, before they end in faults
    `window`            jobs in flight on one server at one time; further ones wait here
    `window_bytes`      bytes of jobs in flight on one server at one time
    `retry_faults`      a fault of one server is put before another server once, where there is another
    `max_message_bytes` larger jobs are rejected before they are sent
    `token`             sent as a bearer token with every call
    `tls`               True: TLS with the system's root certificates; bytes: with these (PEM)
    """

    addresses: tuple[str, ...] = (DEFAULT_ADDRESS,)
    timeout: float | None = 3600.0
    tries: int = 8
    patience: float = 30.0
    window: int = 256
    window_bytes: int = 512 << 20
    retry_faults: bool = True
    max_message_bytes: int = 256 << 20
    token: str = field(default="", repr=False)
    tls: bool | bytes = field(default=False, repr=False)

    def __post_init__(self) -> None:
        for address in self.addresses:
            if not _ADDRESS.fullmatch(address):
                raise SandboxError(f"{address!r} is not an address of a server", fix="write HOST:PORT or unix:PATH")
        for name in ("tries", "window", "window_bytes", "max_message_bytes"):
            if getattr(self, name) < 1:
                raise SandboxError(f"{name} is less than 1", why="nothing could be sent", fix=f"leave out {name}")
