"""Calls to the real servers: addresses pinned, certificates verified, secrets put in and taken out again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpcore
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from sandbox.effects.http.addresses import Pinned, Resolve, resolve
from sandbox.effects.http.credentials import put_in, take_out
from sandbox.effects.http.messages import Call, Headers, Response, without
from sandbox.effects.http.rules import Host, Refusal, Rules
from sandbox.errors import SandboxError

# Of one connection only, or set anew for each.
HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "host", "content-length", "expect"}
)
_LONGEST_WAIT = 30.0
_BUSY = frozenset({429, 500, 502, 503, 504})


class NotSentError(SandboxError):
    """The call certainly had no effect: no connection was made."""

    code = "not_sent"


class InDoubtError(SandboxError):
    """The call was sent, and what became of it is not known."""

    code = "in_doubt"


class _BusyError(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Upstream:
    """The servers that the rules name. Connections are kept and never shared with another episode."""

    def __init__(self, rules: Rules, resolver: Resolve = resolve) -> None:
        self.rules = rules
        self._resolver = resolver
        self._pools: dict[str, tuple[httpcore.ConnectionPool, Pinned]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            for pool, _ in self._pools.values():
                pool.close()
            self._pools.clear()

    def send(self, call: Call) -> Response:
        """One call, sent once. Raises NotSentError, InDoubtError."""
        host = self.rules.host(call.url)
        if isinstance(host, Refusal):
            raise NotSentError(str(call), why=host.why, fix=host.missing)
        pool, pinned = self._pool(host)
        pinned.deadline.set(self.rules.limits.call_s)
        request = _request(put_in(call, host.secrets))
        try:
            response = self._read(pool.handle_request(request))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise NotSentError(f"{call}: no connection", why=str(error)) from error
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            raise NotSentError(f"{call}: cannot be said in HTTP/1.1", why=str(error)) from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise InDoubtError(f"{call}: no answer", why=str(error) or type(error).__name__) from error
        try:
            return take_out(response, host.secrets)
        except ValueError as error:
            raise InDoubtError(f"{call}: the answer is kept back", why=str(error)) from error

    def insist(self, call: Call) -> Response:
        """A call that may be sent more than once: again while the server is busy, as often as the limits say.

        The last response, whatever it says. Raises NotSentError, InDoubtError.
        """
        limits = self.rules.limits
        tries = Retrying(
            retry=retry_if_exception_type((NotSentError, _BusyError)),
            stop=stop_after_attempt(limits.attempts),
            wait=lambda state: _wait(state, limits.backoff_s),
            reraise=True,
        )
        try:
            return tries(self._send_busy, call)
        except _BusyError as error:
            return error.response

    def _send_busy(self, call: Call) -> Response:
        response = self.send(call)
        if response.status in _BUSY:
            raise _BusyError(response)
        return response

    def _pool(self, host: Host) -> tuple[httpcore.ConnectionPool, Pinned]:
        with self._lock:
            found = self._pools.get(host.name)
            if found is None:
                pinned = Pinned(self._resolver, host.table.allow_private)
                pool = httpcore.ConnectionPool(
                    ssl_context=host.tls,
                    max_connections=self.rules.limits.connections,
                    keepalive_expiry=5.0,
                    network_backend=pinned,
                )
                found = self._pools[host.name] = pool, pinned
            return found

    def _read(self, response: httpcore.Response) -> Response:
        """Raises httpcore's errors, and RemoteProtocolError for what is no answer to a plain request."""
        try:
            if response.status < 200:
                raise httpcore.RemoteProtocolError("the server wants another protocol")
            headers = _headers(response)
            if sum(len(name) + len(value) for name, value in headers) > self.rules.limits.header_bytes:
                raise httpcore.RemoteProtocolError("the head of the answer is too large")
            body, limit = bytearray(), self.rules.limits.response_bytes
            for chunk in _chunks(response):
                body += chunk
                if len(body) > limit:
                    return Response(response.status, headers, bytes(body[:limit]), truncated=True)
            return Response(response.status, headers, bytes(body))
        finally:
            response.close()


def _chunks(response: httpcore.Response) -> Iterator[bytes]:
    yield from response.iter_stream()


def _request(call: Call) -> httpcore.Request:
    url = call.url
    headers = [("host", url.netloc), *without(call.headers, HOP)]
    if call.body or call.method in ("POST", "PUT", "PATCH"):
        headers.append(("content-length", str(len(call.body))))
    return httpcore.Request(
        call.method,
        httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target),
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        content=call.body,
    )


def _headers(response: httpcore.Response) -> Headers:
    found = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)
    named = {each.strip().lower() for name, value in found if name == "connection" for each in value.split(",")}
    return without(found, (HOP | named) - {"content-length"})


def _wait(state: RetryCallState, first: float) -> float:
    """What the server asks for, within bounds, or longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.header("retry-after") if isinstance(error, _BusyError) else ""
    if first and asked.isdecimal():
        return min(float(asked), _LONGEST_WAIT)
    return float(wait_random_exponential(multiplier=first, max=_LONGEST_WAIT)(state))
