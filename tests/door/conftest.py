"""The door over a pipeline that a test scripts, in process, and a real server with a real door."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from sandbox.door.app import application
from sandbox.door.door import Door
from sandbox.pipeline import Pipeline
from sandbox.server.admission import Admission
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, verdict_pb2
from tests.jail.cells import catalog_of_python

Script = Callable[[job_pb2.ScoreRequest], Awaitable[verdict_pb2.ScoreResponse]]


async def echoes(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
    """A program that prints what it reads, and passes every test."""
    tests = [
        verdict_pb2.TestResult(
            id=str(number), status="ACCEPTED", score=1.0, exit_code=0, stdout=test.stdio.stdin_bytes.decode()
        )
        for number, test in enumerate(request.tests)
    ]
    return verdict_pb2.ScoreResponse(
        verdict=verdict_pb2.Verdict(passed=True, reward=1.0, status="ACCEPTED", tests=tests)
    )


async def faults(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
    """A server that cannot jail anything."""
    return verdict_pb2.ScoreResponse(fault=verdict_pb2.Fault(kind="JAIL", message="no jail would start"))


class Opened:
    """A door, what its pipeline was asked, and a client of it."""

    def __init__(self, script: Script = echoes, token: bytes = b"", patience_s: float = 0.05, **settings: Any) -> None:
        self.asked: list[job_pb2.ScoreRequest] = []
        self.settings = Settings(**settings)
        self.admission = Admission(self.settings.queue, self.settings.flying_bytes)

        async def score(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
            self.asked.append(request)
            return await script(request)

        pipeline = cast(Pipeline, SimpleNamespace(score=score, catalog=catalog_of_python()))
        self.door = Door(pipeline, self.admission, patience_s=patience_s)
        self.app = application(self.door, self.settings, token)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://door", timeout=30)

    async def post(self, path: str, body: object, **options: Any) -> httpx.Response:
        async with self.client() as client:
            return await client.post(path, json=body, **options)


_START = """
import sys
from pathlib import Path
from sandbox.door.serving import HttpDoor
from sandbox.server.app import run_server
from sandbox.settings import Settings
door = HttpDoor(sys.argv[2])
settings = Settings(address="127.0.0.1:0", home=Path(sys.argv[1]), state=Path(sys.argv[1], "state"), cells=3)
run_server(settings, lambda address: print(door.listening, flush=True), door.opened)
"""


@pytest.fixture(scope="session")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a real server's door, on a port of its own."""
    command = [sys.executable, "-c", _START, str(tmp_path_factory.mktemp("home")), "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the server ended before it was ready"
        with httpx.Client(base_url=f"http://{address}", timeout=60) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def token_file(folder: Path, token: str) -> Path:
    path = folder / "token"
    path.touch(0o600)
    path.write_text(token + "\n")
    return path


__all__ = ["Opened", "echoes", "faults", "json", "token_file"]
