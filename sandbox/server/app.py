"""Starts a server: the spawner first, then the engine, then gRPC."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TypeAlias

import uvloop
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sandbox.engine import engine, start_spawner
from sandbox.errors import SandboxError
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.pipeline import Pipeline
from sandbox.server.actions import ActionService
from sandbox.server.admission import Admission
from sandbox.server.auth import RequireToken
from sandbox.server.service import RewardService
from sandbox.settings import Settings
from sandbox.v1 import action_pb2, action_pb2_grpc, reward_pb2, reward_pb2_grpc

SERVICE = reward_pb2.DESCRIPTOR.services_by_name["RewardService"].full_name
ACTION_SERVICE = action_pb2.DESCRIPTOR.services_by_name["ActionService"].full_name


# Another way in to the same pipeline, behind the same queue; open while the context lasts, which gives its address.
Door: TypeAlias = Callable[[Pipeline, Admission, Settings], AbstractAsyncContextManager[str]]


def run_server(settings: Settings, on_ready: Callable[[str], None], door: Door | None = None) -> None:
    """Serves until SIGINT or SIGTERM. `on_ready` is called with the address once requests are taken."""
    check_address(settings.address)
    spawner = start_spawner()
    uvloop.run(_serve(settings, spawner, on_ready, door))


async def _serve(
    settings: Settings, spawner: SpawnerClient, on_ready: Callable[[str], None], door: Door | None
) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    told: list[int] = []

    def stop(number: int) -> None:
        told.append(number)
        if len(told) == 1:  # a second signal does not cut the end short
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        async with serving(settings, spawner, door) as address:
            on_ready(address)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not told:
            raise


@asynccontextmanager
async def serving(settings: Settings, spawner: SpawnerClient, door: Door | None = None) -> AsyncIterator[str]:
    """A server on the running event loop; yields its address."""
    async with engine(settings, spawner) as pipeline:
        server = aio.server(
            interceptors=[RequireToken(settings.token)] if settings.token else [],
            options=[
                ("grpc.max_receive_message_length", settings.max_message_bytes),
                ("grpc.max_send_message_length", settings.max_message_bytes),
                ("grpc.so_reuseport", 0),
            ],
        )
        admission = Admission(settings.queue, settings.flying_bytes)
        reward_pb2_grpc.add_RewardServiceServicer_to_server(RewardService(pipeline, settings, admission), server)
        actions = pipeline.actions if settings.workspace_roots else None
        action_pb2_grpc.add_ActionServiceServicer_to_server(ActionService(actions, settings), server)
        checks = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
        names = (SERVICE, ACTION_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
        address = _bind(server, settings.address)
        await server.start()
        for name in ("", SERVICE, ACTION_SERVICE):
            await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
        try:
            async with door(pipeline, admission, settings) if door else nullcontext():
                yield address
        finally:
            await checks.enter_graceful_shutdown()
            await server.stop(grace=1)


def _bind(server: aio.Server, address: str) -> str:
    try:
        if address.startswith("unix:"):
            return _bind_socket(server, Path(address.removeprefix("unix:")))
        port = server.add_insecure_port(address)
    except (RuntimeError, OSError) as error:
        raise SandboxError(
            f"cannot listen on {address}", why=str(error), fix="choose another --listen address"
        ) from error
    return f"{address.rpartition(':')[0]}:{port}"


def _bind_socket(server: aio.Server, path: Path) -> str:
    if path.exists():
        if not path.is_socket():
            raise OSError(f"{path} is there and is no socket")
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise OSError("another server answers there")
        path.unlink()
    # The socket is the server's own user's, from its first moment.
    previous = os.umask(0o177)
    try:
        server.add_insecure_port(f"unix:{path}")
    finally:
        os.umask(previous)
    return f"unix:{path}"


def check_address(address: str) -> None:
    """Refuses to offer code execution to a network, and what is no address. Raises SandboxError."""
    if address.startswith("unix:"):
        if not address.removeprefix("unix:"):
            raise SandboxError("unix: names no path", fix="write it like unix:/run/sandbox.sock")
        return
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise SandboxError(f"{address!r} has no port", fix="write it like 127.0.0.1:50051, or unix:PATH")
    if not _is_loopback(host.strip("[]")):
        raise SandboxError(
            f"{address} is not a loopback address",
            why="whoever reaches this server can run programs on it",
            fix="listen on 127.0.0.1:PORT or unix:PATH, and let a proxy with TLS and a login stand before it",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
