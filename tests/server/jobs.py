"""Jobs for the tests of the server, and servers with settings of their own."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.serving import Serving

LARGE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
ADD = "print(sum(map(int, input().split())))\n"
ECHO = "print(input())\n"
SLEEP = "import time\ntime.sleep(60)\n"

_START = """
import json, sys
from pathlib import Path
from sandbox.server.app import run_server
from sandbox.settings import Settings
given = json.loads(sys.argv[1])
given["home"] = Path(given["home"])
run_server(Settings(**{"address": "127.0.0.1:0", "cells": 2, **given}), lambda address: print(address, flush=True))
"""


def job(source: str, *tests: tuple[str, str], id: str = "job", **fields: Any) -> job_pb2.ScoreRequest:
    """A Python job with a test for each pair of input and output."""
    request = job_pb2.ScoreRequest(id=id, **fields)
    request.program.language, request.program.source = "python", source
    for stdin, expected in tests:
        request.tests.add(stdio=job_pb2.StdioTest(stdin=stdin, expected_stdout=expected))
    return request


def scored(*jobs: job_pb2.ScoreRequest) -> Iterator[reward_pb2.StreamRequest]:
    """The jobs as requests of a stream."""
    return iter([reward_pb2.StreamRequest(score=each) for each in jobs])


def statuses(answer: verdict_pb2.ScoreResponse) -> list[str]:
    """The names of the tests' statuses."""
    return [verdict_pb2.Status.Name(test.status) for test in answer.verdict.tests]


def chunks(tests: Iterable[job_pb2.Test], size: int = 1 << 20) -> Iterator[reward_pb2.PutSuiteRequest]:
    """A suite in pieces."""
    data = reward_pb2.Suite(tests=tests).SerializeToString()
    return iter([reward_pb2.PutSuiteRequest(chunk=data[at : at + size]) for at in range(0, len(data), size)])


def rejected(error: grpc.RpcError) -> verdict_pb2.Rejected:
    """What a unary call says of a bad job, beside its status."""
    data = dict(error.trailing_metadata())["sandbox-rejected-bin"]
    return verdict_pb2.Rejected.FromString(data)


def refusal(
    stub: reward_pb2_grpc.RewardServiceStub, request: job_pb2.ScoreRequest
) -> tuple[grpc.StatusCode, verdict_pb2.Rejected]:
    """The status and the rejection of a job that must be refused; a stream must say the same in place."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.Score(request, timeout=30)
    found = rejected(caught.value)
    (answer,) = stub.ScoreStream(scored(request), timeout=30)
    assert answer.WhichOneof("outcome") == "rejected"
    assert answer.id == request.id
    assert answer.rejected == found
    assert caught.value.code().name == verdict_pb2.RejectCode.Name(found.code)
    assert found.message in caught.value.details()
    return caught.value.code(), found


@contextlib.contextmanager
def serving_with(home: str | Path, **settings: Any) -> Iterator[Serving]:
    """A server with settings of its own; what it says of itself on stderr is in `home`/stderr."""
    given = json.dumps({**settings, "home": str(home)})
    with open(Path(home) / "stderr", "a") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, given], stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address, (Path(home) / "stderr").read_text()
        yield Serving(address, process, Path(home))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@contextlib.contextmanager
def connected(server: Serving) -> Iterator[reward_pb2_grpc.RewardServiceStub]:
    """A stub of a server."""
    with grpc.insecure_channel(server.address, options=LARGE) as channel:
        yield reward_pb2_grpc.RewardServiceStub(channel)


def at_once(count: int) -> ThreadPoolExecutor:
    """Threads for calls that wait for each other."""
    return ThreadPoolExecutor(count)
