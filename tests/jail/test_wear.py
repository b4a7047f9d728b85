"""What many programs leave in the processes that outlive them: no descriptor more, whatever became of each program."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.v1 import job_pb2, verdict_pb2
from tests.jail.pipelines import HELD_SUM, Line, line, program
from tests.jail.traces import eventually, open_files

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

PAIRS = (("1 2", "3"),) * 4
TIMES = 25


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def road(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    async with line(tmp_path_factory.mktemp("home"), cells=1) as made:
        yield made


def asserts(code: str) -> job_pb2.ScoreRequest:
    request = program("def f(x):\n    return x\n")
    request.program.entry_point = "f"
    del request.tests[:]
    for _ in range(4):
        request.tests.add(asserts=job_pb2.AssertsTest(code=code))
    return request


def files() -> job_pb2.ScoreRequest:
    request = program("", *PAIRS)
    request.program.files.add(path="main.py", text="import other\nprint(other.add(input()))\n")
    request.program.files.add(path="other.py", text="def add(line):\n    return sum(map(int, line.split()))\n")
    return request


def limited(source: str, **limits: int) -> job_pb2.ScoreRequest:
    request = program(source, *PAIRS)
    for name, value in limits.items():
        setattr(request.limits, name, value)
    return request


JOBS: dict[str, tuple[Callable[[], job_pb2.ScoreRequest], str]] = {
    "right": (lambda: program("print(sum(map(int, input().split())))", *PAIRS), "ACCEPTED"),
    "wrong": (lambda: program("print(4)", *PAIRS), "WRONG_ANSWER"),
    "failing": (lambda: program("1 / 0", *PAIRS), "RUNTIME_ERROR"),
    "not compiling": (lambda: program("def f(:\n", *PAIRS), "COMPILE_ERROR"),
    "of several files": (files, "ACCEPTED"),
    "leaving a daemon": (
        lambda: program("import os, time\nif os.fork() == 0:\n    time.sleep(60)\nprint(3)", *PAIRS),
        "ACCEPTED",
    ),
    "out of memory": (lambda: limited("x = bytearray(1 << 28)", memory_bytes=32 << 20), "MEMORY_LIMIT"),
    "out of time": (lambda: limited("while True: pass", cpu_time_ms=20), "TIME_LIMIT"),
    "flooding": (lambda: limited("print('x' * (3 << 20))", output_bytes=1 << 20), "OUTPUT_LIMIT"),
    "with asserts": (lambda: asserts("assert f(1) == 1"), "ACCEPTED"),
    "with asserts beside it": (lambda: asserts("for n in range(3):\n    assert f(n) == n"), "ACCEPTED"),
}


def descriptors(road: Line) -> dict[str, int]:
    """How many descriptors each process holds that outlives a program."""
    spawner = road.spawner
    found = {"server": open_files(os.getpid()), "spawner": open_files(spawner.pid)}
    for cell in spawner.cells():
        found[f"init {cell.pid}"] = open_files(spawner.init_of(cell).pid)
    return found


async def settled(road: Line) -> dict[str, int]:
    """The same, once every init waits for its next message."""

    def waiting() -> bool:
        inits = [road.spawner.init_of(cell) for cell in road.spawner.cells()]
        return all(Path(f"/proc/{init.pid}/wchan").read_text().startswith(("unix_", "__skb")) for init in inits)

    await eventually(waiting, why="inits that wait")
    return descriptors(road)


async def wears_nothing_out(road: Line, run: Callable[[], Awaitable[object]], some: int = 2) -> None:
    for _ in range(some):
        await run()
    before = await settled(road)
    for _ in range(TIMES):
        await run()
    after = await settled(road)
    assert after == before


@pytest.mark.parametrize("what", JOBS)
async def test_programs_leave_no_descriptor_behind(road: Line, what: str) -> None:
    request, status = JOBS[what]

    async def run() -> None:
        answer = await road.score(request())
        assert answer.WhichOneof("outcome") == "verdict", answer
        assert verdict_pb2.Status.Name(answer.verdict.status) == status, answer
        assert answer.verdict.usage.retries == 0

    await wears_nothing_out(road, run)


async def test_cancelled_programs_leave_no_descriptor_behind(road: Line) -> None:
    async def run() -> None:
        task = road.start(program(HELD_SUM, *PAIRS))
        await road.candidate()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await wears_nothing_out(road, run)


async def test_rejected_jobs_leave_no_descriptor_behind(road: Line) -> None:
    async def run() -> None:
        request = program("print(1)", *PAIRS)
        request.policy = "none"
        with pytest.raises(Exception, match="no policy"):
            await road.score(request)

    await wears_nothing_out(road, run)
