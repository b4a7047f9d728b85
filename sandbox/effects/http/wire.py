"""HTTP/1.1 with a client that may be hostile. h11 reads the bytes; everything is bounded in size and in time."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

import h11

from sandbox.effects.http.messages import Headers, Response, without
from sandbox.effects.http.upstream import HOP

_CHUNK = 65_536
# How long a client may take to read an answer, in seconds.
_PATIENCE = 30.0
# How long, in seconds, and how much a client may go on sending after it was refused.
_LINGER = 1.0
_LINGERING_BYTES = 4 << 20
_BODILESS = (204, 304)


class BadRequestError(Exception):
    """A request that is answered with a status of ours, and after which the connection is closed."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class ClosedError(Exception):
    """The client is gone, or too slow to be told."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands on the wire. Names of headers are in lower case. `host`: "" only with CONNECT."""

    method: str
    target: str
    host: str
    headers: Headers


class Wire:
    """One connection from the jail, as the server of its requests. `head_s`, `body_s`: seconds for each as a whole."""

    def __init__(self, sock: socket.socket, header_bytes: int, head_s: float, body_s: float) -> None:
        self._sock = sock
        self._header_bytes, self._head_s, self._body_s = header_bytes, head_s, body_s
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=header_bytes)

    def request(self) -> Request | None:
        """The head of the next request; None at the end. Raises BadRequestError, ClosedError."""
        event = self._event(time.monotonic() + self._head_s)
        if isinstance(event, h11.ConnectionClosed):
            return None
        if not isinstance(event, h11.Request):
            raise BadRequestError(400, "no request")
        return _checked(event, self._header_bytes)

    def body(self, limit: int) -> bytes:
        """The body of the request. Raises BadRequestError, ClosedError."""
        if self._h11.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
        deadline, found = time.monotonic() + self._body_s, bytearray()
        while not isinstance(event := self._event(deadline), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise ClosedError
            found += event.data
            if len(found) > limit:
                raise BadRequestError(413, f"the body is larger than {limit:,} bytes")
        return bytes(found)

    def respond(self, response: Response, method: str = "GET", *, close: bool = False) -> bool:
        """Sends a whole response. Whether another request may follow. Raises ClosedError."""
        headers = list(without(response.headers, HOP))
        if response.status not in _BODILESS:
            size = response.header("content-length") if method == "HEAD" else ""
            headers.append(("content-length", size if size.isdecimal() else str(len(response.body))))
        if close:
            headers.append(("connection", "close"))
        try:
            head = self._h11.send(h11.Response(status_code=response.status, headers=headers)) or b""
            bodiless = method == "HEAD" or response.status in _BODILESS
            data = b"" if bodiless else self._h11.send(h11.Data(data=response.body)) or b""
            end = self._h11.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError as error:
            raise ClosedError from error
        self._write(head + data + end)
        if close or self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
            return False
        self._h11.start_next_cycle()
        return True

    def linger(self) -> None:
        """Reads what the client still sends, within bounds: closed at once, it would not see the answer."""
        deadline, left = time.monotonic() + _LINGER, _LINGERING_BYTES
        try:
            self._sock.shutdown(socket.SHUT_WR)
            while left > 0 and (seconds := deadline - time.monotonic()) > 0:
                self._sock.settimeout(seconds)
                data = self._sock.recv(_CHUNK)
                if not data:
                    return
                left -= len(data)
        except OSError:
            pass

    def tunnel(self) -> None:
        """Says yes to CONNECT. Raises BadRequestError where bytes came before the yes, ClosedError."""
        if self._h11.trailing_data[0]:
            raise BadRequestError(400, "bytes came before the tunnel was open")
        self._send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))

    def _event(self, deadline: float) -> h11.Event:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise BadRequestError(error.error_status_hint, f"no HTTP/1.1: {error}") from error
            if event is h11.PAUSED:
                raise BadRequestError(400, "bytes came before their turn")
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            self._feed(deadline)

    def _feed(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise BadRequestError(408, "the request takes too long")
        try:
            self._sock.settimeout(left)
            data = self._sock.recv(_CHUNK)
        except TimeoutError as error:
            raise BadRequestError(408, "the request takes too long") from error
        except OSError as error:
            raise ClosedError from error
        try:
            self._h11.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise BadRequestError(400, f"no HTTP/1.1: {error}") from error

    def _send(self, event: h11.Event) -> None:
        self._write(self._h11.send(event) or b"")

    def _write(self, data: bytes) -> None:
        try:
            self._sock.settimeout(_PATIENCE)
            self._sock.sendall(data)
        except OSError as error:
            raise ClosedError from error


def _checked(event: h11.Request, header_bytes: int) -> Request:
    """Refuses what two servers could read in two ways, and what leaves HTTP."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
    names = [name for name, _ in headers]
    if sum(len(name) + len(value) for name, value in headers) + len(event.target) > header_bytes:
        raise BadRequestError(431, "the head is too large")
    if "transfer-encoding" in names and "content-length" in names:
        raise BadRequestError(400, "both Transfer-Encoding and Content-Length")
    tunnel = event.method == b"CONNECT"
    if names.count("content-length") > 1 or names.count("transfer-encoding") > 1:
        raise BadRequestError(400, "Content-Length or Transfer-Encoding is given twice")
    if event.http_version != b"1.1" and not tunnel:
        raise BadRequestError(505, "HTTP/1.1 is needed")
    if names.count("host") != 1 and not (tunnel and "host" not in names):
        raise BadRequestError(400, "Host is not given once")
    options = {part.strip().lower() for name, value in headers if name == "connection" for part in value.split(",")}
    if "upgrade" in names or "upgrade" in options:
        raise BadRequestError(403, "no other protocol is spoken: upgrades are refused")
    host = next((value for name, value in headers if name == "host"), "")
    kept = without(headers, HOP | options)
    return Request(event.method.decode("ascii"), event.target.decode("ascii"), host, kept)
