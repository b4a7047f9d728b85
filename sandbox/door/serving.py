"""Listens, on loopback or a Unix socket, unless it is told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from sandbox.door.app import application
from sandbox.door.door import Door
from sandbox.errors import JobError, SandboxError
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.server.app import check_address
from sandbox.settings import Settings

_BACKLOG = 2048
_GRACE_S = 1
# Longer than any client keeps an idle connection: one that the server closes while a call is on its way is an error.
_KEEP_ALIVE_S = 600


@dataclass(slots=True)
class HttpDoor:
    """How it is opened. `exposed` allows other addresses than loopback's, and wants a token."""

    address: str
    token: bytes = field(default=b"", repr=False)
    policy: str = ""
    exposed: bool = False
    # Where it listens, once it does.
    listening: str = ""

    def __post_init__(self) -> None:
        if not self.exposed:
            check_address(self.address)
        elif not self.token:
            raise SandboxError(
                f"{self.address} would be open to everybody",
                why="whoever reaches this server can run programs on it",
                fix="give --token-file, and let a proxy with TLS stand before it",
            )

    @asynccontextmanager
    async def opened(self, pipeline: Pipeline, admission: Admission, settings: Settings) -> AsyncIterator[str]:
        """Takes calls, on the running event loop; yields the address."""
        try:
            pipeline.catalog.policy(self.policy)
        except JobError as error:
            raise SandboxError(f"--http-policy: {error.message}", fix=error.suggestion) from None
        door = Door(pipeline, admission, policy=self.policy)
        config = uvicorn.Config(
            application(door, settings, self.token),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        with _listening(self.address) as (listener, address):
            server = _Server(config)
            serving = asyncio.ensure_future(server.serve([listener]))
            self.listening = address
            try:
                yield address
            finally:
                server.should_exit = True
                await serving


class _Server(uvicorn.Server):
    """Signals are the whole server's, not this door's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


@contextlib.contextmanager
def _listening(address: str) -> Iterator[tuple[socket.socket, str]]:
    try:
        listener, told = _bound(address)
    except OSError as error:
        raise SandboxError(f"cannot listen on {address}", why=str(error), fix="choose another one") from error
    try:
        with listener:
            yield listener, told
    finally:
        if address.startswith("unix:"):
            Path(address.removeprefix("unix:")).unlink(missing_ok=True)


def _bound(address: str) -> tuple[socket.socket, str]:
    if address.startswith("unix:"):
        path = Path(address.removeprefix("unix:"))
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(path)) == 0:
                    raise OSError("another server answers there")
            path.unlink()
        listener = socket.socket(socket.AF_UNIX)
        # The socket is the server's own user's, from its first moment.
        previous = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(previous)
        listener.listen(_BACKLOG)
        return listener, f"unix:{path}"
    host, _, port = address.rpartition(":")
    plain = host.strip("[]")
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    listener = socket.create_server((plain, int(port)), family=family, backlog=_BACKLOG)
    return listener, f"{host}:{listener.getsockname()[1]}"
