"""Cells, inits and spawners that die in the middle of a run: the answer is still right, and nothing is left."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.jail import cell as cells
from sandbox.v1 import job_pb2, verdict_pb2
from tests.jail.pipelines import HELD_SUM, Line, line, program
from tests.jail.traces import Process, eventually

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

TESTS = (("1 2", "3"), ("3 4", "7"), ("5 6", "11"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def road(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    async with line(tmp_path_factory.mktemp("home")) as made:
        yield made


def accepted(answer: verdict_pb2.ScoreResponse) -> None:
    assert answer.WhichOneof("outcome") == "verdict", answer
    assert answer.verdict.status == verdict_pb2.ACCEPTED
    assert answer.verdict.reward == 1.0
    assert [test.status for test in answer.verdict.tests] == [verdict_pb2.ACCEPTED] * len(answer.verdict.tests)


async def dies(process: Process, number: int = signal.SIGKILL) -> None:
    """Kills a process, and waits until it is gone."""
    os.kill(process.pid, number)
    await eventually(lambda: not process.alive, why=f"the death of {process}")


async def gone(road: Line, cell: Process) -> None:
    """Waits until nothing of a cell is left: no process, no cgroup."""
    await eventually(lambda: cell not in road.spawner.cells(), why="a cell to go")
    living = {process.pid for process in road.spawner.processes()}
    assert cell.pid not in living


@pytest.mark.parametrize("whom", ["nsjail", "init"])
async def test_a_cell_that_is_killed_in_the_middle_costs_a_retry_and_no_answer(road: Line, whom: str) -> None:
    running = road.start(program(HELD_SUM, *TESTS))
    candidate = await road.candidate()
    cell = road.spawner.cell_of(candidate)
    await dies(cell if whom == "nsjail" else road.spawner.init_of(cell))
    (answer,) = await road.released(running)
    accepted(answer)
    assert answer.verdict.usage.retries == 1
    await gone(road, cell)
    await eventually(lambda: not candidate.alive, why="the candidate's death")


async def test_tests_that_were_done_before_the_death_are_not_run_again(road: Line) -> None:
    source = HELD_SUM.replace("signal.sigwait", "if sum(numbers) == 3: signal.sigwait").replace(
        "print(sum(numbers))", "import time; print(time.time_ns())"
    )
    running = road.start(program(source, ("1", ""), ("2", ""), ("3", "")))

    def third() -> list[Process]:
        return [each for each in road.spawner.candidates() if input_of(each) == b"3"]

    (candidate,) = await eventually(third, why="the third test")
    await dies(road.spawner.cell_of(candidate))
    death = time.time_ns()
    (answer,) = await road.released(running)
    assert answer.verdict.usage.retries == 1
    printed = [int(test.stdout) for test in answer.verdict.tests]
    assert printed[0] < printed[1] < death < printed[2]


def input_of(process: Process) -> bytes:
    """What a program is given on its standard input."""
    try:
        return Path(f"/proc/{process.pid}/fd/0").read_bytes()
    except OSError:
        return b""  # it has ended meanwhile


async def test_the_death_of_one_cell_is_no_matter_to_the_others(road: Line) -> None:
    running = [road.start(program(HELD_SUM, *TESTS, job_id=str(number))) for number in range(4)]
    candidate = await road.candidate(2)
    await dies(road.spawner.cell_of(candidate))
    answers = await road.released(*running)
    for answer in answers:
        accepted(answer)
    assert sum(answer.verdict.usage.retries for answer in answers) == 1


async def test_a_spawner_that_is_killed_is_replaced_and_every_answer_comes(road: Line) -> None:
    running = [road.start(program(HELD_SUM, *TESTS, job_id=str(number))) for number in range(4)]
    await road.candidate(2)
    old = road.spawner
    os.kill(old.pid, signal.SIGKILL)
    answers = await road.released(*running)
    for answer in answers:
        accepted(answer)
    assert sum(answer.verdict.usage.retries for answer in answers) == 2
    await road.another_spawner(old)
    await eventually(lambda: not old.left(), why="the old spawner's traces to go")


async def test_a_spawner_that_is_killed_while_nothing_runs_is_replaced(road: Line) -> None:
    old = road.spawner
    os.kill(old.pid, signal.SIGKILL)
    await road.another_spawner(old)
    accepted(*await road.released(road.start(program(HELD_SUM, *TESTS))))
    await eventually(lambda: not old.left(), why="the old spawner's traces to go")


async def test_an_idle_cell_that_died_is_not_used(road: Line) -> None:
    accepted(*await road.released(road.start(program(HELD_SUM, ("1 2", "3")))))
    for cell in road.spawner.cells():
        await dies(cell)
    accepted(*await road.released(road.start(program(HELD_SUM, ("1 2", "3")))))


async def test_a_stopped_init_is_a_retry_and_no_hang(road: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_GRACE_S", 0.3)
    request = program(HELD_SUM, ("1 2", "3"))
    request.limits.wall_time_ms = 3000
    running = road.start(request)
    candidate = await road.candidate()
    cell = road.spawner.cell_of(candidate)
    os.kill(road.spawner.init_of(cell).pid, signal.SIGSTOP)
    (answer,) = await road.released(running)
    accepted(answer)
    assert answer.verdict.usage.retries == 1
    await gone(road, cell)


async def test_a_stopped_nsjail_is_no_matter(road: Line) -> None:
    running = road.start(program(HELD_SUM, ("1 2", "3")))
    candidate = await road.candidate()
    cell = road.spawner.cell_of(candidate)
    os.kill(cell.pid, signal.SIGSTOP)
    try:
        (answer,) = await road.released(running)
    finally:
        os.kill(cell.pid, signal.SIGCONT)
    accepted(answer)
    assert answer.verdict.usage.retries == 0


async def test_a_cell_that_dies_every_time_is_a_fault_without_a_reward(road: Line) -> None:
    running = road.start(program(HELD_SUM, *TESTS))
    killed: set[int] = set()
    while not running.done():
        for candidate in road.spawner.candidates():
            cell = next((each for each in road.spawner.cells() if each == _cell(road, candidate)), None)
            if cell is not None and cell.pid not in killed:
                killed.add(cell.pid)
                os.kill(cell.pid, signal.SIGKILL)
        await asyncio.sleep(0.01)
    answer = await running
    assert answer.WhichOneof("outcome") == "fault"
    assert answer.fault.kind == verdict_pb2.JAIL
    assert answer.fault.test_id == "0"
    assert len(answer.fault.finished) == 0
    assert len(killed) == 3
    accepted(*await road.released(road.start(program(HELD_SUM, *TESTS))))


def _cell(road: Line, candidate: Process) -> Process | None:
    try:
        return road.spawner.cell_of(candidate)
    except StopIteration:
        return None  # it has ended meanwhile


OWN_FAULT = {
    "kills itself": ("import os; os.kill(os.getpid(), 9)", verdict_pb2.RUNTIME_ERROR),
    "kills everybody": ("import os; os.kill(-1, 9); os._exit(1)", verdict_pb2.RUNTIME_ERROR),
    "fills the disk": (
        "[open(f'/tmp/{n}', 'wb', 0).write(bytes(1 << 20)) for n in range(10**6)]",
        verdict_pb2.RUNTIME_ERROR,
    ),
    "eats memory": ("held = []\nwhile True: held.append(bytearray(1 << 20))", verdict_pb2.MEMORY_LIMIT),
    "stops itself": ("import os; os.kill(os.getpid(), 19)", verdict_pb2.TIME_LIMIT),
    "ends with the init's own code": ("import os; os._exit(66)", verdict_pb2.RUNTIME_ERROR),
}


@pytest.mark.parametrize("what", OWN_FAULT)
async def test_what_a_program_does_to_itself_is_its_own_failure_and_is_not_retried(road: Line, what: str) -> None:
    source, status = OWN_FAULT[what]
    request = program(source, ("", "never"))
    request.limits.wall_time_ms, request.limits.memory_bytes, request.limits.disk_bytes = 1500, 64 << 20, 16 << 20
    answer = await road.score(request)
    assert answer.WhichOneof("outcome") == "verdict", answer
    assert answer.verdict.status == status
    assert answer.verdict.reward == 0.0
    assert answer.verdict.usage.retries == 0


async def test_an_init_that_meets_a_bug_never_goes_on_to_the_program(road: Line) -> None:
    # A message that no server sends stands for whatever may go wrong inside: the init has the rights that a candidate
    # must never have, and `main.py` is what its interpreter would run next.
    pool = road.pipeline._runner._pool
    planner = road.pipeline._planner
    catalog = road.pipeline.catalog
    plan = planner.run(catalog.runtime("python"), catalog.policy(""), "main.py")
    source = b"import os\nos.write(2, b'I am ' + str(os.getuid()).encode())\n"
    cell = await pool._start(plan)
    cell.open_program((cells.File("main.py", source),), plan.limits.disk_bytes)
    ended = await cell.submit(cells.TestPlan("main", plan.limits, argv=("main",)))
    assert ended.stderr == b"I am 1000"
    cell._send({"op": "test"}, [])
    await eventually(lambda: cell.pid == 0, why="the cell's end")
    notes = " ".join(getattr(cell.fault, "__notes__", []))
    assert "KeyError" in notes
    assert "I am" not in notes


async def test_a_cell_whose_start_is_cancelled_keeps_no_descriptor_and_no_process(road: Line) -> None:
    def cold(number: int) -> job_pb2.ScoreRequest:
        """A job that needs a cell of its own, which has to be started: the name of its file is a new one."""
        request = program("print(1)", ("", "1"))
        request.program.main = f"cold{number}.py"
        return request

    accepted(await road.score(program("print(1)", ("", "1"))))
    descriptors, cells = len(os.listdir("/proc/self/fd")), len(road.spawner.cells())
    for number in range(8):
        task = road.start(cold(number))
        # At its start, later than that, and when the jail is up and its init is not.
        if number % 3 >= 1:
            await eventually(lambda: len(road.spawner.cells()) > cells)
        if number % 3 == 2:
            await eventually(lambda: len(road.spawner.processes()) > 2 * cells + 1)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await eventually(lambda: len(road.spawner.cells()) == cells, why="the cell to go")
    await eventually(lambda: len(os.listdir("/proc/self/fd")) <= descriptors, why="its descriptors to be closed")
