"""The thread on whose event loop the synchronous clients of a process do their work.

It starts with the first call and ends with the process. Before a fork, its connections are closed if nothing is in
flight: gRPC's threads do not live on in the child, where an open channel would hang; both sides connect anew.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.client import forks

if TYPE_CHECKING:
    from sandbox.client.aio import AsyncClient

T = TypeVar("T")

_JOIN_SECONDS = 5.0


class Background:
    """One thread, one event loop."""

    def __init__(self) -> None:
        self.users = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-client", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Starts work there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """Does the last work, and ends the thread."""
        try:
            self.submit(last).result(_JOIN_SECONDS)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_JOIN_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


_lock = threading.Lock()
_background: Background | None = None
_clients: weakref.WeakSet[AsyncClient] = weakref.WeakSet()


@contextmanager
def busy(client: AsyncClient) -> Iterator[Background]:
    """The running background, which is not stopped before a fork while this lasts."""
    global _background
    with _lock:
        if _background is None:
            _background = Background()
        background = _background
        background.users += 1
        _clients.add(client)
    try:
        yield background
    finally:
        with _lock:
            background.users -= 1


def run(client: AsyncClient, work: Coroutine[Any, Any, T]) -> T:
    """Does work of a client in the background; waits for its result. Interrupting the wait cancels the work."""
    with busy(client) as background:
        future = background.submit(work)
        try:
            return future.result()
        finally:
            future.cancel()


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Does closing work, if there is still a background in which anything could be open."""
    background = _background
    if background is None:
        work.close()
    else:
        background.submit(work).result()


def stop() -> None:
    """Closes all connections and ends the thread; a later call starts it anew."""
    global _background
    with _lock:
        background, _background = _background, None
        clients = [*_clients]
        _clients.clear()
    if background is not None:
        background.stop(_close(clients))


async def _close(clients: list[AsyncClient]) -> None:
    for client in clients:
        await client.close()
    # What a loop over answers that was never finished leaves behind.
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()


def _before_fork() -> None:
    if _background is not None and not _background.users:
        stop()
        forks.settle()


def _after_fork_in_child() -> None:
    global _background, _lock
    _background, _lock = None, threading.Lock()


os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
atexit.register(stop)
