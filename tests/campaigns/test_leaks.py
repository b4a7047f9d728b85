"""After many tests everything is as before: no process, descriptor, cgroup, mount or file more, and memory is flat.

LEAK_TESTS says how many tests (100,000 when it is not set), in programs of twenty.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.holdings import held, memory
from tests.jail.traces import open_files, spawner_of, until
from tests.serving import serving

pytestmark = [pytest.mark.campaign, pytest.mark.jail]
TESTS = int(os.environ.get("LEAK_TESTS", "100000"))
A_PROGRAM = 20
A_ROUND = 200
# What a process may grow by: pages that the allocator keeps, not what it is given for each test.
GROWTH = 12 << 20

HONEST = "print(int(input()) * 2)"
# Each leaves something else behind.
OTHERS = (
    "import sys\nsys.exit(3)",
    "raise ValueError('no')",
    "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint(int(input()) * 2)",
    "open('left', 'w').write('x' * 100000)\nopen('/tmp/left', 'w').write('y')\nprint(int(input()) * 2)",
    "import threading\nfor _ in range(8):\n    threading.Thread(target=print).start()",
    "import os\nos.kill(os.getpid(), 9)",
    "import os\nos.kill(-1, 9)",
    "import os\nos.closerange(0, 10)",
    "x = bytearray(200 << 20)",
    "print('x' * 300000)",
    "def f(:\n",
)


def jobs(numbers: range) -> Iterator[reward_pb2.StreamRequest]:
    """Most programs of a training run are honest; every eighth is one of the others. No two are the same."""
    others = itertools.cycle(OTHERS)
    for number in numbers:
        job = job_pb2.ScoreRequest(id=str(number))
        job.program.language = "python"
        job.program.source = f"{HONEST if number % 8 else next(others)}\n# {number}"
        job.limits.memory_bytes = 64 << 20
        for n in range(A_PROGRAM):
            job.tests.add(stdio=job_pb2.StdioTest(stdin=f"{n}\n", expected_stdout=f"{2 * n}\n"))
        yield reward_pb2.StreamRequest(score=job)


def run(stub: reward_pb2_grpc.RewardServiceStub, numbers: range) -> None:
    """Scores the programs, never more than a round of them in flight: those that wait take memory, too."""
    for start in range(numbers.start, numbers.stop, A_ROUND):
        part = range(start, min(start + A_ROUND, numbers.stop))
        answered = 0
        for answer in stub.ScoreStream(jobs(part)):
            answered += 1
            assert answer.WhichOneof("outcome") == "verdict", answer
            if int(answer.id) % 8:
                assert answer.verdict.status == verdict_pb2.ACCEPTED, answer
        assert answered == len(part)


def test_many_tests_leave_nothing_behind(tmp_path: Path) -> None:
    programs = max(5, TESTS // A_PROGRAM)
    first = programs // 5
    with serving(str(tmp_path)) as running, grpc.insecure_channel(running.address) as channel:
        stub = reward_pb2_grpc.RewardServiceStub(channel)
        server, spawner = running.process.pid, spawner_of(running.process.pid)
        run(stub, range(first))
        before, memory_before, files_before = (
            held(server, spawner, tmp_path),
            memory(server, spawner),
            open_files(server),
        )
        began = time.monotonic()
        run(stub, range(first, programs))
        rate = (programs - first) * A_PROGRAM / (time.monotonic() - began)
        # The last programs may still be cleared away.
        until(lambda: held(server, spawner, tmp_path) == before, why=f"{held(server, spawner, tmp_path)} == {before}")
        memory_after, files_after = memory(server, spawner), open_files(server)
    print(f"\n{programs * A_PROGRAM} tests, {rate:.0f} tests/s; {before}")
    for name, size in memory_after.items():
        print(f"memory of the {name}: {memory_before[name] / 1e6:.1f} MB after a fifth, {size / 1e6:.1f} MB at the end")
    print(f"descriptors of the server: {files_before}, then {files_after}")
    # The executor's threads may come late, and the event loop's own descriptors with them.
    assert files_after <= files_before + 4
    for name, size in memory_after.items():
        assert size - memory_before[name] < GROWTH, name
    assert spawner.left() == {}
