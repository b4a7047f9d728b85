"""The ASGI application: each dialect's paths, and how a call of any of them goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive

from sandbox.door import fusion, instruct, nemo, piston, remote
from sandbox.door.auth import RequireToken
from sandbox.door.body import Body, Reader, checked
from sandbox.door.door import Door
from sandbox.door.refusals import Busy, Faulted, bad, retry
from sandbox.errors import JobError
from sandbox.settings import Settings

T = TypeVar("T")


def application(door: Door, settings: Settings, token: bytes = b"") -> Starlette:
    """All dialects. With a token, nothing is run for whoever does not have it."""
    reader = Reader(settings.max_message_bytes, settings.flying_bytes)

    def post(path: str, kind: type[Body], handle: Callable[[Door, Body], Awaitable[Any]], status: int) -> Route:
        return Route(path, _endpoint(door, reader, kind, handle, status), methods=["POST"])

    async def up(_: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    async def ping(_: Request) -> Response:
        return JSONResponse("pong")

    async def runtimes(_: Request) -> Response:
        return JSONResponse(piston.runtimes(door))

    routes = [
        post("/run_code", fusion.RunCode, fusion.run_code, fusion.RETRY),
        post("/submit", fusion.Submit, fusion.submit, fusion.RETRY),
        post("/api/v2/execute", piston.Execute, piston.execute, piston.RETRY),
        post("/execute", nemo.Execute, nemo.execute, nemo.RETRY),
        post("/verify", remote.Verify, remote.verify, remote.RETRY),
        post("/openrlhf", remote.Queries, remote.openrlhf, remote.RETRY),
        post("/slime", remote.Sample, remote.slime, remote.RETRY),
        post("/test_program", instruct.TestProgram, instruct.test_program, instruct.RETRY),
        post("/test_program_stdio", instruct.TestProgramStdio, instruct.test_program, instruct.RETRY),
        Route("/api/v2/runtimes", runtimes),
        Route("/health", up),
        Route("/v1/ping", ping),
    ]
    return Starlette(routes=routes, middleware=[Middleware(RequireToken, token=token)] if token else [])


def _endpoint(
    door: Door,
    reader: Reader,
    kind: type[Body],
    handle: Callable[[Door, Body], Awaitable[Any]],
    retry_status: int,
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(data: bytes) -> Response:
        asked = checked(kind, data)
        async with door.place(len(data)):
            return JSONResponse(await handle(door, asked))

    async def endpoint(request: Request) -> Response:
        try:
            data = await reader.read(request)
            try:
                return await _unless_gone(request.receive, answer(data))
            finally:
                reader.forget(len(data))
        except Busy:
            return retry(retry_status, "the queue is full: come again")
        except Faulted as fault:
            return retry(retry_status, f"nothing was scored, for the server failed: {fault}")
        except JobError as error:
            if error.reject in ("RESOURCE_EXHAUSTED", "UNAVAILABLE"):
                return retry(retry_status, error.message)
            return bad(error)
        except ClientDisconnect:
            return Response(status_code=499)

    return endpoint


async def _unless_gone(receive: Receive, work: Awaitable[T]) -> T:
    """The work's result; cancels it, and raises ClientDisconnect, when nobody listens any more."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, JobError, Busy, Faulted):
                await task


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
