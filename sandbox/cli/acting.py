"""Where verbs on actions act: in this process, or on a running server. Both look the same from here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from google.protobuf.message import Message

from sandbox.cli.exits import FaultReport, ServerError, UsageError
from sandbox.settings import Settings
from sandbox.undo import bounds
from sandbox.undo.runtime import Actions, ActionVerbs

if TYPE_CHECKING:
    from sandbox.jail.spawner_client import SpawnerClient

Request = TypeVar("Request", bound=Message)


@asynccontextmanager
async def acting(settings: Settings, *, runs: bool = False) -> AsyncIterator[Actions]:
    """The runtime, in this process. `runs`: commands will be run, so that jails are needed."""
    from sandbox.undo import open_actions

    with _spawner() if runs else nullcontext() as spawner:
        async with open_actions(settings, spawner) as actions:
            yield actions


@contextmanager
def _spawner() -> Iterator[SpawnerClient]:
    from sandbox.engine import start_spawner

    spawner = start_spawner()
    try:
        spawner.attach(asyncio.get_running_loop())
        yield spawner
    finally:
        spawner.close()


def own(*, runs: bool = False) -> AbstractAsyncContextManager[Actions]:
    """The runtime of whoever types the command: every folder that they may change may be a workspace."""
    if runs:
        from sandbox.doctor import preflight

        preflight()
    return acting(Settings(cells=1, warm=(), workspace_roots=(Path("/"),), workspace_mounts=True), runs=runs)


def open_acting(server: str | None, *, runs: bool = False) -> AbstractAsyncContextManager[ActionVerbs]:
    """A server where one is named, this process otherwise. Nothing is started before it is entered."""
    return own(runs=runs) if server is None else _remote(server)


@asynccontextmanager
async def _remote(server: str) -> AsyncIterator[ActionVerbs]:
    from sandbox.client.aio import AsyncClient
    from sandbox.client.errors import ServerFault, Unreachable

    try:
        # Whoever waits for a command that runs long waits; Ctrl-C ends it, here and there.
        async with AsyncClient(server, timeout=None, patience=2.0) as client:
            yield client.actions.calls
    except Unreachable as error:
        raise ServerError(
            error.subject, why=error.why, fix=f"sandbox serve --listen {server} --workspace-root DIR"
        ) from error
    except ServerFault as error:
        raise FaultReport(error.subject, why=error.why, fix="look at the server's log") from error


def checked(request: Request) -> Request:
    """The request, when it is within bounds. Raises JobError."""
    bounds.check(request)
    return request


def utf8(what: str, value: str) -> str:
    """The value, when a request can carry it. Raises UsageError for bytes that are no UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{what} holds bytes that are no UTF-8",
            why="a request holds text",
            fix="give it to a script of its own",
        ) from None
    return value


def one_action(name: str | None, option: str | None) -> str:
    """The id that was given, once. Raises UsageError."""
    given = [each for each in (name, option) if each is not None]
    if len(given) != 1:
        raise UsageError("one action has to be named", fix="give its id; `sandbox log` lists them")
    return utf8("the id", given[0])
