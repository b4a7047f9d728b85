"""After many tests everything is as before: no process, descriptor, cgroup, mount or file more, and memory is flat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.serving import serving

pytestmark = [pytest.mark.campaign, pytest.mark.jail]
TESTS = int(os.environ.get("LEAK_TESTS", "100000"))
_A_PROGRAM = 20
_GROWTH = 24 << 20
# Honest and not: what each leaves behind is different.
_SOURCES = (
    "print(int(input()) * 2)",
    "import sys\nsys.exit(3)",
    "raise ValueError('no')",
    "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint(int(input()) * 2)",
    "open('left', 'w').write('x' * 100000)\nopen('/tmp/left', 'w').write('y')\nprint(int(input()) * 2)",
    "import threading\nfor _ in range(8):\n    threading.Thread(target=print).start()",
    "def f(:\n",
)


def _jobs(count: int) -> Iterator[reward_pb2.StreamRequest]:
    for number in range(count):
        # Most programs of a training run are honest; every eighth is one of the others.
        source = _SOURCES[number // 8 % len(_SOURCES)] if number % 8 == 0 else _SOURCES[0]
        job = job_pb2.ScoreRequest(id=str(number))
        job.program.language, job.program.source = "python", f"{source}\n# {number}"
        for n in range(_A_PROGRAM):
            job.tests.add(stdio=job_pb2.StdioTest(stdin=f"{n}\n", expected_stdout=f"{2 * n}\n"))
        yield reward_pb2.StreamRequest(score=job)


def _left(server: psutil.Process) -> dict[str, int]:
    """What could be left over, counted."""
    cells = [child for child in server.children(recursive=True) if child.is_running()]
    groups = [path for top in Path("/sys/fs/cgroup").iterdir() for path in top.glob("sandbox-*/*") if path.is_dir()]
    return {
        "processes": len(cells),
        "descriptors": server.num_fds(),
        "cgroups": len(groups),
        "mounts": Path("/proc/self/mounts").read_text().count("\n"),
        "folders": len(list(Path("/tmp").glob("sandbox-*"))),
    }


def _run(stub: reward_pb2_grpc.RewardServiceStub, programs: int) -> None:
    answers = 0
    for answer in stub.ScoreStream(_jobs(programs)):
        answers += 1
        assert answer.WhichOneof("outcome") == "verdict", answer
        honest = int(answer.id) % 8 != 0
        assert not honest or answer.verdict.status == verdict_pb2.ACCEPTED, answer
    assert answers == programs


def test_many_tests_leave_nothing_behind(tmp_path: Path) -> None:
    programs = TESTS // _A_PROGRAM
    with serving(str(tmp_path)) as running, grpc.insecure_channel(running.address) as channel:
        stub = reward_pb2_grpc.RewardServiceStub(channel)
        server = psutil.Process(running.process.pid)
        _run(stub, max(1, programs // 5))
        before, memory_before = _left(server), server.memory_info().rss
        _run(stub, programs - programs // 5)
        after, memory_after = _left(server), server.memory_info().rss
    print(f"\n{TESTS} tests: {before} -> {after}, server {memory_before >> 20} -> {memory_after >> 20} MiB")
    # Threads of the executor may come, one descriptor or two with them.
    assert after["descriptors"] <= before["descriptors"] + 4
    del before["descriptors"], after["descriptors"]
    assert after == before
    assert memory_after - memory_before < _GROWTH
