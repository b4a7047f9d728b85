"""Work that several callers wait for at one time, done once; it ends when the last of them has left."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """What was made is kept: the most recent `size` results. A failure is not kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._flights: Flights[T] = Flights()

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """The result for `key`, made by the first who asks."""
        if key not in self._kept:
            made, _ = await self._flights.join(key, make)
            self._kept[key] = made
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


class Flights(Generic[T]):
    """Tasks in flight by key. A finished one is forgotten: who comes later starts anew."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._waiting: dict[asyncio.Task[T], int] = {}

    async def join(self, key: Hashable, run: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """What the task under `key` returns, or raises, and whether it was in flight before this call."""
        task = self._tasks.get(key)
        joined = task is not None
        if task is None:
            task = asyncio.ensure_future(run())
            self._tasks[key] = task
            self._waiting[task] = 0
            task.add_done_callback(lambda done: self._forget(key, done))
        self._waiting[task] += 1
        try:
            return await asyncio.shield(task), joined
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                del self._waiting[task]
                if not task.done():
                    self._forget(key, task)  # who comes now must not join what is being cancelled
                    task.cancel()

    def _forget(self, key: Hashable, task: asyncio.Task[T]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
