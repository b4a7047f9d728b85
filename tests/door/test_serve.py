"""`sandbox serve --http`, as it is started."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox import Client, Job, SandboxError
from tests.door.conftest import token_file

TOKEN = "0123456789abcdef"


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "sandbox.cli", "serve", "--listen", "127.0.0.1:0", "--home", str(folder), "--json"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()


@pytest.mark.jail
def test_both_doors_ask_for_the_token_and_end_together(tmp_path):
    path = token_file(tmp_path, TOKEN)
    door = tmp_path / "door"
    with serving(tmp_path, "--http", f"unix:{door}", "--token-file", str(path)) as told:
        assert told["http"] == f"unix:{door}"
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(door)), base_url="http://door") as client:
            body = {"code": "print(input())", "language": "python", "stdin": "7"}
            assert client.post("/run_code", json=body).status_code == 401
            answer = client.post("/run_code", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
            assert answer.json()["run_result"]["stdout"] == "7\n"
        job = Job("print(1)").stdio("", "1")
        with Client(told["address"], token=TOKEN) as known, Client(told["address"]) as stranger:
            assert known.rewards([job]) == [1.0]
            with pytest.raises(SandboxError, match="UNAUTHENTICATED"):
                stranger.score(job)
            with pytest.raises(SandboxError, match="UNAUTHENTICATED"):
                stranger.rewards([job])
    assert not door.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--http", "0.0.0.0:0"], "not a loopback address"),
        (["--http", "0.0.0.0:0", "--http-exposed"], "open to everybody"),
        (["--http", "127.0.0.1"], "has no port"),
    ],
)
def test_what_would_be_open_to_others_is_refused(options, says):
    command = [sys.executable, "-m", "sandbox.cli", "serve", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 or done.returncode == 3
    assert says in done.stderr
