"""Names to addresses, once for each connection, and which addresses are never reached."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from ssl import SSLContext

import httpcore

Resolve = Callable[[str, int], list[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# They hold an IPv4 address that a translator on the way would reach.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
# Amazon's, the one service for secrets of machines that is not link-local.
_METADATA = ipaddress.ip_address("fd00:ec2::254")


class AddressRefusedError(httpcore.ConnectError):
    """A name that leads to where the rules do not allow to go."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_allowed(text: str, allow_private: bool) -> bool:
    """Whether an address may be reached. Link-local, multicast and reserved ones never are."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.sixtofour or address.teredo or any(address in network for network in _TRANSLATED):
            return False
    if address.is_link_local or address.is_multicast or address.is_unspecified or address == _METADATA:
        return False
    if address.is_loopback:
        return allow_private
    return address.is_global or (allow_private and address.is_private and not address.is_reserved)


class Pinned(httpcore.NetworkBackend):
    """Connects to an address that was looked at, never to a name that could lead elsewhere a moment later."""

    def __init__(self, resolver: Resolve, allow_private: bool) -> None:
        self._resolve, self._allow_private = resolver, allow_private
        self._tcp = httpcore.SyncBackend()
        self.deadline = Deadline()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolves, checks every address, connects to the first that answers."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        refused = [each for each in found if not is_allowed(each, self._allow_private)]
        if refused or not found:
            raise AddressRefusedError(f"{host} leads to {', '.join(refused) or 'nowhere'}")
        for number, address in enumerate(found, 1):
            try:
                stream = self._tcp.connect_tcp(address, port, self.deadline.left(), local_address, socket_options)
                return _Bounded(stream, self.deadline)
            except httpcore.ConnectError:
                if number == len(found):
                    raise
        raise AssertionError("the last address returns or raises")


class Deadline:
    """When the call of this thread has to be over. A server that sends a byte now and then does not move it."""

    def __init__(self) -> None:
        self._local = threading.local()

    def set(self, seconds: float) -> None:
        """From now."""
        self._local.at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises httpcore.ReadTimeout when it is over."""
        left = float(self._local.at) - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the call took too long")
        return left


class _Bounded(httpcore.NetworkStream):
    """A stream whose every operation ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Bounded(self._inner.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
