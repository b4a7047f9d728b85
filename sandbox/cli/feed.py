"""Reads ahead in a thread of its own: a pipe that is slow, or a line that is long, holds up no cell."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

_AHEAD = 16
T = TypeVar("T")


async def feed(jobs: Iterator[T]) -> AsyncIterator[T]:
    """The jobs, read a few ahead. What reading raises is raised here.

    The thread is a daemon: blocked on a terminal it could not be joined, and Ctrl-C would have to wait for a line.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[T | BaseException | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)
    ended = False

    def hand_over(item: T | BaseException | None) -> bool:
        try:
            loop.call_soon_threadsafe(arrived.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody wants more
            return False
        return not ended

    def read() -> None:
        try:
            for job in jobs:
                room.acquire()
                if not hand_over(job):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised again, where the jobs are taken
            hand_over(error)
        else:
            hand_over(None)

    threading.Thread(target=read, name="jobs", daemon=True).start()
    try:
        while (item := await arrived.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
            room.release()
    finally:
        ended = True
        room.release()
