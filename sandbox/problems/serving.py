"""A server of one's own for the length of a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.errors import SandboxError

_COMMAND = (sys.executable, "-m", "sandbox.cli", "serve", "--json", "--listen", "127.0.0.1:0")
_END_SECONDS = 30


@contextmanager
def server(address: str = "") -> Iterator[str]:
    """The address of a server: the one that is given, or that of a new one, which ends with the block."""
    if address:
        yield address
        return
    process = subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    """What the server says first. It explains itself on stderr, which is ours."""
    line = process.stdout.readline() if process.stdout is not None else ""
    try:
        return str(json.loads(line)["address"])
    except (ValueError, TypeError, KeyError) as error:
        why = line.strip() or "it said nothing"
        raise SandboxError("the server did not start", why=why, fix="sandbox doctor") from error
