"""Many jobs at once, over one stream to each server; answers come as they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from contextlib import aclosing

from sandbox.client.connection import Connection
from sandbox.client.dispatch import Dispatcher, ask_by_call
from sandbox.client.job import AnyJob, as_request
from sandbox.client.lane import Lane
from sandbox.client.wire import ServerFailed
from sandbox.v1 import job_pb2, verdict_pb2

Jobs = Iterable[AnyJob] | AsyncIterable[AnyJob]
Numbered = tuple[int, verdict_pb2.ScoreResponse]
Answers = AsyncGenerator[Numbered, None]
# Answers that were ready at the same time.
Handfuls = AsyncGenerator[list[Numbered], None]

_BREAKS = 2


class Batch:
    """One call of `score_many`. The dispatcher is asked for on the event loop on which the answers are read."""

    def __init__(self, dispatcher: Callable[[], Dispatcher], jobs: Jobs, timeout: float | None, window: int) -> None:
        self._dispatcher = dispatcher
        self._jobs = jobs
        self._timeout = timeout
        # Jobs that were taken and whose answers were not: as many as the servers take at one time, and no more.
        self._room = asyncio.Semaphore(window)
        self._done: asyncio.Queue[Numbered | Exception | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[Connection, Lane] = {}

    async def handfuls(self) -> Handfuls:
        """Each job's number and answer, in order of completion; as many at a time as are ready."""
        feeder = asyncio.create_task(self._feed(self._dispatcher()))
        try:
            ended = False
            while not ended:
                items = [await self._done.get()]
                while not self._done.empty():
                    items.append(self._done.get_nowait())
                if handful := [item for item in items if isinstance(item, tuple)]:
                    yield handful
                for item in items:
                    self._room.release()
                    if isinstance(item, Exception):
                        raise item
                ended = items[-1] is None
        finally:
            tasks = [feeder, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(lane.close() for lane in self._lanes.values()))

    async def _feed(self, dispatcher: Dispatcher) -> None:
        try:
            async with aclosing(each(self._jobs)) as jobs:
                number = 0
                await self._room.acquire()
                async for job in jobs:
                    task = asyncio.create_task(self._one(dispatcher, number, as_request(job)))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                    number += 1
                    await self._room.acquire()
            await asyncio.gather(*self._tasks)
            self._done.put_nowait(None)
        except Exception as error:  # noqa: BLE001 - whatever the caller's jobs raise is raised to the caller
            self._done.put_nowait(error)

    async def _one(self, dispatcher: Dispatcher, number: int, request: job_pb2.ScoreRequest) -> None:
        try:
            answer = await dispatcher.answer(request, _AskByStream(self), self._timeout)
        except Exception as error:  # noqa: BLE001 - raised to the caller, who waits for the next answer
            self._done.put_nowait(error)
        else:
            self._done.put_nowait((number, answer))

    def lane(self, connection: Connection) -> Lane:
        """The stream to a server; a new one where the last broke."""
        lane = self._lanes.get(connection)
        if lane is None or lane.broken:
            lane = self._lanes[connection] = Lane(connection)
        return lane


class _AskByStream:
    """Asks for one job on the batch's streams. One whose streams keep breaking goes alone: it may be why they break."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._breaks = 0

    async def __call__(
        self, connection: Connection, request: job_pb2.ScoreRequest, seconds: float | None
    ) -> verdict_pb2.ScoreResponse:
        if self._breaks >= _BREAKS:
            return await ask_by_call(connection, request, seconds)
        try:
            return await self._batch.lane(connection).ask(request, seconds)
        except ServerFailed:
            self._breaks += 1
            raise


async def each(jobs: Jobs) -> AsyncGenerator[AnyJob, None]:
    """The jobs of either kind of iterable."""
    if isinstance(jobs, AsyncIterable):
        async for job in jobs:
            yield job
    else:
        for job in jobs:
            yield job
