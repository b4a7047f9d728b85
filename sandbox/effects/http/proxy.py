"""The jail's only way out: a forward proxy for one action, on a socket that listens in the jail's own network.

It fails closed. Bytes go out only as a call that was read whole, matched and written anew; whatever is not understood,
or fails, is answered with an error and the connection is closed. There is no tunnel: CONNECT leads to a TLS server of
ours. When the process that holds this ends, the socket is closed with it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time

from sandbox.effects.http.authority import Authority
from sandbox.effects.http.doubts import settle
from sandbox.effects.http.episode import Episode, answer
from sandbox.effects.http.gate import Gate
from sandbox.effects.http.messages import AddressError, Call, Url, parse_netloc, parse_url
from sandbox.effects.http.rules import Refusal
from sandbox.effects.http.wire import BadRequestError, ClosedError, Request, Wire
from sandbox.errors import SandboxError
from sandbox.model.effects import Effect

# Where the proxy is found inside a jail.
PORT = 3128


def environment(ca: str, port: int = PORT) -> dict[str, str]:
    """What programs in the jail need to find the proxy and to trust it. `ca`: path of the authority's `pem` there."""
    proxy = f"http://127.0.0.1:{port}"
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    bundles = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")
    return proxies | dict.fromkeys(bundles, ca)


class Egress:
    """The proxy of one action. Threads of its own serve the connections."""

    def __init__(self, listener: socket.socket, episode: Episode, authority: Authority) -> None:
        self._listener, self._episode, self._authority = listener, episode, authority
        self._gate = Gate(episode)
        self._places = threading.BoundedSemaphore(episode.rules.limits.connections)
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._refusals = 0
        self._acceptor = threading.Thread(target=self._accept, name="egress", daemon=True)

    @classmethod
    def start(cls, listener: socket.socket, episode: Episode, authority: Authority) -> Egress:
        """Serves `listener`, which it owns from now on, until `stop`."""
        egress = cls(listener, episode, authority)
        listener.settimeout(None)
        egress._acceptor.start()
        return egress

    def stop(self) -> list[Effect]:
        """Takes no more, lets calls under way end, settles doubts. What was done, in the order of the answers.

        Lasts no longer than a call may, but for the doubts. Raises OSError, SandboxError of the journal.
        """
        self._shut()
        deadline = time.monotonic() + self._episode.rules.limits.call_s
        self._acceptor.join(timeout=1.0)
        with self._lock:
            threads = list(self._open)
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        changing = self._gate.changing
        changing.seal()
        for intent in changing.doubts:
            effect = settle(self._episode, intent)
            if effect is not None:
                changing.effects.append(effect)
        changing.doubts = []
        self._episode.upstream.close()
        return list(changing.effects)

    def _shut(self) -> None:
        with self._lock:
            self._stopping = True
            sockets = list(self._open.values())
        # Wakes the thread that waits in accept.
        _shutdown(self._listener, socket.SHUT_RDWR)
        self._listener.close()
        for sock in sockets:
            _shutdown(sock, socket.SHUT_RD)

    def _accept(self) -> None:
        while True:
            self._places.acquire()
            try:
                sock, _ = self._listener.accept()
            except ConnectionAbortedError:
                self._places.release()
                continue
            except OSError:
                # Stopped, or out of descriptors: nobody is left waiting for an answer.
                self._listener.close()
                return
            thread = threading.Thread(target=self._serve, args=(sock,), name="egress call", daemon=True)
            with self._lock:
                if self._stopping:
                    sock.close()
                    return
                self._open[thread] = sock
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._talk(self._wire(sock), sock)
        except (ClosedError, OSError, SandboxError):
            # The client is gone, or a refusal could not be written down: either way this connection is over.
            pass
        finally:
            with self._lock:
                last = self._open.pop(threading.current_thread())
            last.close()
            self._places.release()

    def _wire(self, sock: socket.socket) -> Wire:
        limits = self._episode.rules.limits
        return Wire(sock, limits.header_bytes, limits.head_s, limits.call_s)

    def _talk(self, wire: Wire, sock: socket.socket) -> None:
        """Requests of a connection without TLS: absolute addresses of http, or CONNECT."""
        while True:
            try:
                request = wire.request()
                if request is None:
                    return
                if request.method == "CONNECT":
                    host, port = self._connect(request)
                    wire.tunnel()
                    break
                url = self._absolute(request)
                more = self._exchange(wire, request, url)
            except BadRequestError as error:
                self._reject(wire, error)
                return
            if not more:
                return
        self._tunnel(sock, host, port)

    def _tunnel(self, sock: socket.socket, host: str, port: int) -> None:
        """Requests inside TLS, for the host of the tunnel and for no other."""
        sock.settimeout(self._episode.rules.limits.head_s)
        inner = self._authority.context(host).wrap_socket(sock, server_side=True)
        with self._lock:
            self._open[threading.current_thread()] = inner
            if self._stopping:
                return
        wire = self._wire(inner)
        while True:
            try:
                request = wire.request()
                if request is None:
                    return
                if not request.target.startswith("/"):
                    raise BadRequestError(400, "inside a tunnel the target is a path")
                url = self._url(f"https://{request.host}{request.target}")
                if (url.host, url.port) != (host, port):
                    raise BadRequestError(421, "the Host header names another host than the tunnel")
                more = self._exchange(wire, request, url)
            except BadRequestError as error:
                self._reject(wire, error)
                return
            if not more:
                return

    def _exchange(self, wire: Wire, request: Request, url: Url) -> bool:
        body = wire.body(self._episode.rules.limits.request_bytes)
        try:
            response = self._gate.answer(Call(request.method, url, request.headers, body))
        except (OSError, SandboxError) as error:
            # The journal or the store failed: nothing may be known of what happens from now on.
            wire.respond(answer(503, f"{type(error).__name__}: nothing more is sent"), request.method, close=True)
            return False
        return wire.respond(response, request.method)

    def _connect(self, request: Request) -> tuple[str, int]:
        try:
            host, port = parse_netloc(request.target, "https")
            # Python before 3.12 asks for tunnels in HTTP/1.0 and without a Host.
            if request.host and parse_netloc(request.host, "https") != (host, port):
                raise BadRequestError(400, "the Host header names another host than CONNECT")
        except AddressError as error:
            raise BadRequestError(400, str(error)) from error
        found = self._episode.rules.host(Url("https", host, port, "/", ""))
        if isinstance(found, Refusal):
            raise BadRequestError(403, f"{found.why}; missing: {found.missing}")
        return host, port

    def _absolute(self, request: Request) -> Url:
        url = self._url(request.target)
        if url.scheme != "http":
            raise BadRequestError(400, "https goes through CONNECT")
        try:
            if parse_netloc(request.host, "http") != (url.host, url.port):
                raise BadRequestError(400, "the Host header names another host than the address")
        except AddressError as error:
            raise BadRequestError(400, str(error)) from error
        return url

    @staticmethod
    def _url(text: str) -> Url:
        try:
            return parse_url(text)
        except AddressError as error:
            raise BadRequestError(400, str(error)) from error

    def _reject(self, wire: Wire, error: BadRequestError) -> None:
        with self._lock:
            self._refusals += 1
            told = self._refusals <= self._episode.requests
        if told:
            body = {"phase": "refused", "call": "", "status": error.status, "why": error.why[:300]}
            self._episode.note("effect", body)
        wire.respond(answer(error.status, error.why), close=True)
        wire.linger()


def _shutdown(sock: socket.socket, how: int) -> None:
    try:
        sock.shutdown(how)
    except (OSError, ssl.SSLError):
        pass
