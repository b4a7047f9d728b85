"""A real server in a process of its own, for tests that need one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Trainers' tests run in an environment of their own, without the server's parts.
_PYTHON = os.environ.get("SANDBOX_SERVER_PYTHON", sys.executable)
_START = """
import json
import sys
from pathlib import Path
from sandbox.server.app import run_server
from sandbox.settings import Settings
settings = Settings(
    address=sys.argv[8],
    home=Path(sys.argv[1]),
    state=Path(sys.argv[1], "state"),
    cells=int(sys.argv[2]),
    queue=int(sys.argv[3]),
    policies=Path(sys.argv[4]) if sys.argv[4] else None,
    databases=tuple(tuple(each) for each in json.loads(sys.argv[5])),
    statement_roles=tuple(tuple(each) for each in json.loads(sys.argv[6])),
    store_bytes=int(sys.argv[7]),
    languages=tuple(sys.argv[9].split()),
    workspace_roots=tuple(map(Path, sys.argv[10:])),
)
run_server(settings, lambda address: print(address, flush=True))
"""


@dataclass(frozen=True)
class Serving:
    """A server that takes requests at `address`; `process` is what a test may kill."""

    address: str
    process: subprocess.Popen[str]
    home: Path


@contextlib.contextmanager
def serving(
    home: str,
    cells: int = 2,
    queue: int = 4096,
    roots: Sequence[str] = (),
    policies: str = "",
    databases: Sequence[tuple[str, str]] = (),
    statement_roles: Sequence[tuple[str, str]] = (),
    store_bytes: int = 16 << 30,
    address: str = "127.0.0.1:0",
    languages: Sequence[str] = ("python", "c", "cpp"),
) -> Iterator[Serving]:
    """Starts a server, waits until it is ready, and ends it with everything that it started."""
    process = subprocess.Popen(
        [
            *(_PYTHON, "-c", _START, home, str(cells), str(queue), policies, json.dumps(databases)),
            *(json.dumps(statement_roles), str(store_bytes), address, " ".join(languages), *roots),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the server ended before it was ready"
        yield Serving(address, process, Path(home))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
