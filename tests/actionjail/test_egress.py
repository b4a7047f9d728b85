"""The only way out of a jail: a socket that listens inside it and is accepted on outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.jail.actions import ActionCells, ActionRun
from sandbox.jail.workspace import listener, receive
from sandbox.model.outcome import JailFault
from tests.actionjail.branches import Branch
from tests.actionjail.conftest import Acting, text
from tests.actionjail.test_rights import PRELUDE

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

GET = "import urllib.request\nprint(urllib.request.urlopen('http://shop.test/orders', timeout=10).read().decode())"


class Proxy:
    """Answers each request with its first line."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.task: asyncio.Task[None] | None = None
        self.lines: list[str] = []

    def take(self, listening: socket.socket) -> None:
        self.socket = listening
        self.task = asyncio.create_task(self.serve())

    async def serve(self) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.lines.append((await reader.readline()).decode().strip())
            body = self.lines[-1].encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, sock=self.socket) as server:
            await server.serve_forever()

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
        if self.socket is not None:
            self.socket.close()


@pytest_asyncio.fixture(loop_scope="module")
async def proxy() -> AsyncIterator[Proxy]:
    made = Proxy()
    yield made
    await made.close()


async def test_a_client_in_the_jail_reaches_the_servers_proxy_and_nothing_else_on_its_way(
    acting: Acting, branch: Branch, proxy: Proxy
) -> None:
    ended = await acting.python(branch, GET, on_listener=proxy.take)
    assert text(ended) == "GET http://shop.test/orders HTTP/1.1\n"
    assert proxy.lines == ["GET http://shop.test/orders HTTP/1.1"]


async def test_the_tools_of_the_jail_use_the_proxy_by_themselves(acting: Acting, branch: Branch, proxy: Proxy) -> None:
    script = "command -v curl >/dev/null || exit 0; curl -s http://shop.test/a; curl -sf https://shop.test/b; echo $?"
    out = text(await acting.sh(branch, script, on_listener=proxy.take))
    assert not out or proxy.lines[0] == "GET http://shop.test/a HTTP/1.1"
    assert not out or proxy.lines[1] == "CONNECT shop.test:443 HTTP/1.1"


async def test_the_environment_names_the_proxy_and_the_certificates(
    acting: Acting, branch: Branch, proxy: Proxy
) -> None:
    script = 'echo $HTTPS_PROXY $http_proxy "[$no_proxy]"; cat $SSL_CERT_FILE $REQUESTS_CA_BUNDLE $CURL_CA_BUNDLE'
    ended = await acting.sh(branch, script, on_listener=proxy.take, certificates=b"PEM\n")
    assert text(ended) == "http://127.0.0.1:3128 http://127.0.0.1:3128 []\nPEM\nPEM\nPEM\n"


async def test_each_action_has_a_network_of_its_own(acting: Acting, branch: Branch) -> None:
    proxies = [Proxy(), Proxy()]
    for number, proxy in enumerate(proxies):
        get = GET.replace("orders", str(number))
        assert f"/{number} " in text(await acting.python(branch, get, on_listener=proxy.take))
        branch.remount()
    assert [len(proxy.lines) for proxy in proxies] == [1, 1]
    for proxy in proxies:
        await proxy.close()


async def test_a_listener_is_ready_before_the_program_starts(acting: Acting, branch: Branch) -> None:
    taken: list[socket.socket] = []
    source = "import socket\nsocket.create_connection(('127.0.0.1', 3128), timeout=10)\nprint('connected')"
    assert text(await acting.python(branch, source, on_listener=taken.append)) == "connected\n"
    (listening,) = taken
    assert listening.getsockname() == ("127.0.0.1", 3128)
    assert not os.get_inheritable(listening.fileno())
    listening.close()


ATTEMPTS = {
    "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "ping": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)",
    "IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "SCTP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)",
    "MPTCP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
    "SEQPACKET": "socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET)",
    "the kernel's crypto": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "a route out": "socket.create_connection(('192.0.2.1', 80), timeout=5)",
    "the host's address": "socket.create_connection(('HOST', PORT), timeout=5)",
    "the host's loopback": "socket.create_connection(('127.0.0.1', PORT), timeout=5)",
    "a network of the host's": "socket.create_connection(('127.1.2.3', PORT), timeout=5)",
    "a broadcast": "socket.create_connection(('255.255.255.255', 80), timeout=5)",
    "an interface's address": "bound(('192.0.2.1', 0))",
    "a device": "socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')",
    "transparency": "socket.socket().setsockopt(0, 19, 1)",
    "a mark": "socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 1)",
    "taking the loopback down": "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh22x', b'lo', 0))",
    "an address for the loopback": "fcntl.ioctl(socket.socket(), 0x8916, struct.pack('16sHH20x', b'lo', 2, 0))",
    "the proxy's own port": "bound(('127.0.0.1', 3128))",
    "a name": "socket.getaddrinfo('example.com', 80)",
    "a socket of the host's by name": "socket.socket(socket.AF_UNIX).connect('\\0ABSTRACT')",
}


@pytest.mark.parametrize("what", ATTEMPTS)
async def test_no_other_way_leads_out(acting: Acting, branch: Branch, proxy: Proxy, what: str) -> None:
    with socket.socket() as listening, socket.socket(socket.AF_UNIX) as named:
        listening.bind(("0.0.0.0", 0))
        listening.listen()
        named.bind(f"\0actionjail-{os.getpid()}")
        named.listen()
        attempt = (
            ATTEMPTS[what]
            .replace("PORT", str(listening.getsockname()[1]))
            .replace("HOST", socket.gethostbyname(socket.gethostname()))
            .replace("ABSTRACT", f"actionjail-{os.getpid()}")
        )
        source = f"{PRELUDE}\nimport fcntl, socket\nbound = lambda where: socket.socket().bind(where)\n{attempt}\n"
        ended = await acting.python(branch, source, on_listener=proxy.take)
        assert ended.exit_code == 1, ended
        assert any(name in ended.stderr for name in (b"Error", b"error")), ended.stderr
        assert b"NameError" not in ended.stderr
        assert b"SyntaxError" not in ended.stderr
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert proxy.lines == []


async def test_the_jail_has_one_interface_and_no_route(acting: Acting, branch: Branch, proxy: Proxy) -> None:
    source = "import socket\nprint(socket.if_nameindex())"
    ended = await acting.python(branch, source, on_listener=proxy.take)
    assert ended.stdout in (b"[(1, 'lo')]\n", b"")
    # The proof from outside: the listener's own network namespace.
    branch.remount()
    running = asyncio.create_task(acting.sh(branch, "sleep 20", on_listener=proxy.take))
    while not (candidates := acting.actors()):
        await asyncio.sleep(0.01)
    net = Path(f"/proc/{candidates[0].pid}/net")
    assert [line.split(":")[0].strip() for line in (net / "dev").read_text().splitlines()[2:]] == ["lo"]
    assert (net / "route").read_text().count("\n") <= 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_without_egress_there_is_no_socket_but_a_local_one(acting: Acting, branch: Branch) -> None:
    source = (
        f"{PRELUDE}\nimport socket\nprint(tried(lambda: socket.socket()), tried(lambda: socket.socket(socket.AF_UNIX)))"
    )
    first, second, *_ = text(await acting.python(branch, source)).split()
    assert (first, second) == ("EAFNOSUPPORT", "OK")


async def test_a_cell_that_grants_no_sockets_takes_no_listener(acting: Acting, branch: Branch) -> None:
    run = ActionRun(("true",), acting.offline.limits, branch.mount, 0, 0, on_listener=lambda _: None)
    with pytest.raises(ValueError, match="cannot run"):
        await ActionCells(acting.pool).run(acting.offline, run)
    with pytest.raises(ValueError, match="cannot run"):
        plain = acting.jails.plan("default")
        await ActionCells(acting.pool).run(plain, replace(run, on_listener=None))


async def test_of_what_an_init_sends_only_a_listening_tcp_socket_is_taken_and_the_rest_is_closed() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, socket.socket() as idle, socket.socket(socket.AF_UNIX) as local:
        before = len(os.listdir("/proc/self/fd"))
        for sent in ([], [os.open("/etc/passwd", os.O_RDONLY)], [idle.fileno()], [local.fileno()], [0, 1, 2]):
            socket.send_fds(theirs, [b"x"], sent)
            data, came = receive(ours, 100)
            assert data == b"x"
            assert len(came) <= 2  # one, and what fits into the padding of its control message
            with pytest.raises(JailFault, match="the init sent a listener"):
                listener(came)
            for fd in came:
                os.close(fd)
            if sent and sent[0] not in (0, idle.fileno(), local.fileno()):
                os.close(sent[0])
        assert len(os.listdir("/proc/self/fd")) == before
