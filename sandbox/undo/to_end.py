"""Waiting that is not cut short: what was begun on shared things is at its end before whoever waited is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Given = ParamSpec("Given")


async def to_end(work: Awaitable[Result]) -> Result:
    """The result of `work`. A cancellation that comes meanwhile is raised when `work` is done, and not before."""
    future = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return future.result()
    # Its own failure is told by nobody else.
    if not future.cancelled() and (failure := future.exception()) is not None:
        raise cancelled from failure
    raise cancelled


async def in_thread(function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """A blocking call in a thread of its own, `to_end`: descriptors that it uses stay open until it is."""
    return await to_end(asyncio.to_thread(function, *args, **kwargs))
