"""A whole pipeline in the test's own process, for what must be done to it from inside; Python is all that it offers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine import engine, start_spawner
from sandbox.pipeline import Pipeline
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, verdict_pb2
from tests.jail.cells import catalog_of_python
from tests.jail.traces import Process, Spawner, eventually, spawners_of


@dataclass
class Line:
    """A pipeline, and the processes behind it."""

    pipeline: Pipeline

    @property
    def spawner(self) -> Spawner:
        """The only one; it is replaced when it dies."""
        (spawner,) = spawners_of(os.getpid())
        return spawner

    async def another_spawner(self, old: Spawner) -> Spawner:
        """The one that takes the place of `old`."""
        (new,) = await eventually(
            lambda: [each for each in spawners_of(os.getpid()) if each != old], why="another spawner"
        )
        return new

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        return await self.pipeline.score(request)

    def start(self, request: job_pb2.ScoreRequest) -> asyncio.Task[verdict_pb2.ScoreResponse]:
        return asyncio.create_task(self.score(request))

    async def released(
        self, *running: asyncio.Task[verdict_pb2.ScoreResponse], seconds: float = 60
    ) -> list[verdict_pb2.ScoreResponse]:
        """The answers of jobs whose programs wait until they are allowed to go on."""

        def done() -> bool:
            for spawner in spawners_of(os.getpid()):
                spawner.release()
            return all(each.done() for each in running)

        await eventually(done, seconds, why="answers")
        return [each.result() for each in running]

    async def candidate(self, count: int = 1) -> Process:
        """The first of the programs that run, once there are so many."""
        found = await eventually(
            lambda: found if len(found := self.spawner.candidates()) >= count else [], why=f"{count} candidates"
        )
        return found[0]


@asynccontextmanager
async def line(home: Path, cells: int = 2) -> AsyncIterator[Line]:
    """A pipeline on the running event loop; nothing of it is left afterwards."""
    spawner = start_spawner()
    settings = Settings(home=home, cells=cells)
    async with engine(settings, spawner, catalog_of_python()) as pipeline:
        made = Line(pipeline)
        yield made
        last = made.spawner
    assert last.left() == {}


def program(source: str, *tests: tuple[str, str], job_id: str = "job") -> job_pb2.ScoreRequest:
    """A Python job: a source, and a pair of input and output for each test."""
    request = job_pb2.ScoreRequest(id=job_id, feedback=job_pb2.ALL)
    request.program.language, request.program.source = "python", source
    for stdin, expected in tests or (("", ""),):
        request.tests.add(stdio=job_pb2.StdioTest(stdin=stdin, expected_stdout=expected))
    return request


# Adds its input, once it is allowed to: a test can look at it, or kill what is around it, for as long as it likes.
HELD_SUM = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCONT})
numbers = map(int, input().split())
signal.sigwait({signal.SIGCONT})
print(sum(numbers))
"""
