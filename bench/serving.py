"""This server, in a process of its own, as `sandbox serve` starts it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.model import BenchError

# The server is told to end when its parent is gone, however that came.
_START = """
import ctypes, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
from sandbox.cli import main
sys.argv[0] = "sandbox"
main()
"""
_END_S = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A server that takes requests."""

    address: str
    pid: int


@contextmanager
def server(cells: int) -> Iterator[Server]:
    """A new server with an empty build cache; ends, with every cell, when the block does."""
    with tempfile.TemporaryDirectory(prefix="bench-home-") as home:
        command = (sys.executable, "-c", _START, "serve", "--json", "--listen", "127.0.0.1:0")
        process = subprocess.Popen(
            [*command, "--cells", str(cells), "--home", home],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            yield Server(_address(process), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_END_S)
            finally:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    try:
        return str(json.loads(line)["address"])
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"the server did not start: {line.strip() or 'it said nothing'}") from error
