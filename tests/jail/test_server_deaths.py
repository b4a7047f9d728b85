"""A server, its spawner or its client is killed in the middle of a run: no other answer is lost, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.pipelines import HELD_SUM, program
from tests.jail.traces import Spawner, spawner_of, spawners_of, until
from tests.serving import Serving, serving

pytestmark = pytest.mark.jail

SLEEPER = "import time\ntime.sleep(60)\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What servers keep between their lives; the headers that the first one compiles serve the next ones."""
    return str(tmp_path_factory.mktemp("home"))


@pytest.fixture
def running(home: str) -> Iterator[Serving]:
    with serving(home, cells=2) as made:
        yield made


def score(address: str, request: job_pb2.ScoreRequest, timeout: float = 60) -> verdict_pb2.ScoreResponse:
    with grpc.insecure_channel(address) as channel:
        return reward_pb2_grpc.RewardServiceStub(channel).Score(request, timeout=timeout)


def released(answers: list[Future[verdict_pb2.ScoreResponse]], server: Serving) -> list[verdict_pb2.ScoreResponse]:
    """The answers of jobs whose programs wait until they are allowed to go on."""

    def done() -> bool:
        for spawner in spawners_of(server.process.pid):
            spawner.release()
        return all(answer.done() for answer in answers)

    until(done, seconds=60, why="answers")
    return [answer.result() for answer in answers]


def in_background(*requests: job_pb2.ScoreRequest, address: str) -> list[Future[verdict_pb2.ScoreResponse]]:
    pool = ThreadPoolExecutor(len(requests))
    futures = [pool.submit(score, address, request) for request in requests]
    pool.shutdown(wait=False)
    return futures


def test_a_server_that_is_killed_takes_everything_with_it(running: Serving) -> None:
    spawner = spawner_of(running.process.pid)
    answers = in_background(program(SLEEPER), program(SLEEPER), address=running.address)
    until(lambda: len(spawner.candidates()) == 2, why="two programs that run")
    assert spawner.left().keys() == {"processes", "spawner", "cgroups", "mounts", "folder"}
    running.process.kill()
    running.process.wait()
    until(lambda: not spawner.left(), why=f"the end of {spawner.left()}")
    for answer in answers:
        with pytest.raises(grpc.RpcError):
            answer.result(timeout=10)


def test_a_server_that_is_killed_with_its_spawner_leaves_no_process_and_no_mount(running: Serving) -> None:
    spawner = spawner_of(running.process.pid)
    answers = in_background(program(SLEEPER), address=running.address)
    until(spawner.candidates, why="a program that runs")
    # Stopped first, so that neither can clear away after the other.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        os.kill(running.process.pid, number)
        os.kill(spawner.pid, number)
    running.process.wait()
    until(lambda: not spawner.left().keys() & {"processes", "spawner", "mounts"}, why="the end of the jails")
    with pytest.raises(grpc.RpcError):
        answers[0].result(timeout=10)
    clear_away(spawner)


def test_a_new_server_clears_away_what_killed_ones_left(running: Serving, home: str) -> None:
    spawner = spawner_of(running.process.pid)
    try:
        for number in (signal.SIGSTOP, signal.SIGKILL):
            os.kill(running.process.pid, number)
            os.kill(spawner.pid, number)
        running.process.wait()
        until(lambda: not spawner.left().keys() & {"processes", "spawner", "mounts"}, why="the end of the jails")
        with serving(home):
            until(lambda: not spawner.left(), seconds=3, why="the rest of it to go")
    finally:
        clear_away(spawner)


def clear_away(spawner: Spawner) -> None:
    """Removes the empty folders that nobody is left to remove."""
    for path in reversed(spawner.cgroups()):
        path.rmdir()
    if spawner.folder.exists():
        spawner.folder.rmdir()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_end_leaves_nothing(running: Serving, number: int) -> None:
    spawner = spawner_of(running.process.pid)
    answers = in_background(program(SLEEPER), address=running.address)
    until(spawner.candidates, why="a program that runs")
    running.process.send_signal(number)
    assert running.process.wait(timeout=20) == 0
    assert spawner.left() == {}
    with pytest.raises(grpc.RpcError) as caught:
        answers[0].result(timeout=10)
    assert caught.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def test_a_server_whose_spawner_is_killed_answers_as_if_nothing_had_been(running: Serving) -> None:
    old = spawner_of(running.process.pid)
    jobs = [program(HELD_SUM, ("1 2", "3"), job_id=str(number)) for number in range(6)]
    answers = in_background(*jobs, address=running.address)
    until(lambda: len(old.candidates()) == 2, why="two programs that run")
    os.kill(old.pid, signal.SIGKILL)
    for answer in released(answers, running):
        assert answer.verdict.status == verdict_pb2.ACCEPTED
    until(lambda: not old.left(), why=f"the end of {old.left()}")
    assert spawner_of(running.process.pid) != old


_CLIENT = """
import sys
import grpc
from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc
source = "import time; time.sleep(60)"
def jobs():
    for number in range(200):
        job = job_pb2.ScoreRequest(id=str(number), program=job_pb2.Program(language="python", source=source))
        job.tests.add(stdio=job_pb2.StdioTest())
        yield reward_pb2.StreamRequest(score=job)
channel = grpc.insecure_channel(sys.argv[1])
for answer in reward_pb2_grpc.RewardServiceStub(channel).ScoreStream(jobs()):
    print(answer)
"""


def test_a_client_that_is_killed_takes_its_programs_with_it_and_nobody_else_s(running: Serving, tmp_path: Path) -> None:
    spawner = spawner_of(running.process.pid)
    client = subprocess.Popen([sys.executable, "-c", _CLIENT, running.address])
    try:
        until(lambda: len(spawner.candidates()) == 2, seconds=20, why="the client's programs")
        theirs = spawner.candidates()
        # Somebody else's jobs wait behind the two hundred.
        jobs = [program(HELD_SUM, ("1 2", "3"), job_id=str(number)) for number in range(4)]
        answers = in_background(*jobs, address=running.address)
    finally:
        client.kill()
        client.wait()
    until(lambda: not any(each.alive for each in theirs), seconds=5, why="the end of the client's programs")
    for answer in released(answers, running):
        assert answer.verdict.status == verdict_pb2.ACCEPTED


def test_a_stream_goes_on_while_its_cells_are_killed_one_after_the_other(running: Serving) -> None:
    spawner = spawner_of(running.process.pid)
    source = "import time\ntime.sleep(0.15)\nprint(sum(map(int, input().split())))\n"
    jobs = [program(source, (f"{number} 1", str(number + 1)), job_id=str(number)) for number in range(40)]
    done = threading.Event()
    killed: list[int] = []

    def kill_some() -> None:
        while not done.wait(0.2) and len(killed) < 8:
            cells = [each.pid for each in spawner.cells() if each.pid not in killed]
            if cells:
                killed.append(cells[0])
                os.kill(cells[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        with grpc.insecure_channel(running.address) as channel:
            stub = reward_pb2_grpc.RewardServiceStub(channel)
            answers = list(stub.ScoreStream(iter([reward_pb2.StreamRequest(score=job) for job in jobs]), timeout=120))
    finally:
        done.set()
        killer.join()
    assert len(killed) >= 4
    assert sorted(int(answer.id) for answer in answers) == list(range(40))
    # A job that met three deaths is a fault; every other is right. Never is one of them judged wrong.
    outcomes = [answer.WhichOneof("outcome") for answer in answers]
    assert outcomes.count("verdict") >= 38
    assert all(answer.verdict.status == verdict_pb2.ACCEPTED for answer in answers if answer.HasField("verdict"))
