"""A process that has everything imported, and forks to run command lines: each life costs no interpreter.

Lines of JSON come in: {"argvs": [[...], ...], "calls": "A,B", "kill": [CALL, N] or null, "days": D, "boot": ""}. Lines
go out: {"killed": bool, "ended": [[exit code, stdout, stderr], ...], "calls": [...]}. With `kill`, the child dies at
its Nth system call of that name, by SIGKILL from strace, before the kernel carries it out. With `calls` alone those
that it made are told, in order. `days`: how far the sweep's clock is ahead. `boot`: which start of the machine it is,
if not this one.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import sandbox.cli.app
import sandbox.cli.edge
import sandbox.undo.opening
from sandbox.catalog import Catalog
from sandbox.cli import render
from sandbox.effects.files import kernel
from sandbox.undo import retention

Value = TypeVar("Value")
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(", re.MULTILINE)


async def _inline(function: Callable[..., Value], *arguments: Any, **named: Any) -> Value:
    # strace counts the calls of each thread by themselves: in one thread their order is that of the work.
    return function(*arguments, **named)


def _child(argvs: Sequence[Sequence[str]], folder: Path, days: int, boot: str) -> None:
    if boot:
        kernel.boot = lambda: boot  # type: ignore[assignment]
    ahead = mock.Mock(
        time=lambda: time.time() + days * 86_400, time_ns=lambda: time.time_ns() + days * 86_400 * 1_000_000_000
    )
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    with mock.patch.object(asyncio, "to_thread", _inline), mock.patch.object(retention, "time", ahead):
        for number, argv in enumerate(argvs):
            for fd, name in ((1, "out"), (2, "err")):
                file = os.open(folder / f"{number}.{name}", os.O_WRONLY | os.O_CREAT, 0o600)
                os.dup2(file, fd)
                os.close(file)
            render._console.cache_clear()
            code = sandbox.cli.edge.run(argv)
            sys.stdout.flush()
            sys.stderr.flush()
            (folder / f"{number}.code").write_text(str(code))


def _traced(pid: int, calls: str, kill: tuple[str, int] | None, told: Path) -> subprocess.Popen[str]:
    """strace, once it holds the child. It counts each call by itself."""
    inject = ["-e", f"inject={kill[0]}:signal=SIGKILL:when={kill[1]}"] if kill else []
    traced = kill[0] if kill else calls
    tracer = subprocess.Popen(
        ["strace", "-f", "-e", f"trace={traced}", "-e", "signal=none", *inject, "-o", str(told), "-p", str(pid)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    assert "attached" in line, line
    return tracer


def _life(asked: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="life-") as name:
        folder = Path(name)
        there, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                os.close(go)
                os.read(there, 1)
                _child(asked["argvs"], folder, asked["days"], asked["boot"])
                code = 0
            finally:
                os._exit(code)
        os.close(there)
        told = folder / "told"
        tracer = _traced(pid, asked["calls"], asked["kill"], told) if asked["calls"] else None
        os.close(go)
        _, status = os.waitpid(pid, 0)
        if tracer is not None:
            assert tracer.stderr is not None
            tracer.stderr.close()
            tracer.wait()
        ended = []
        for number in range(len(asked["argvs"])):
            said = [folder / f"{number}.{part}" for part in ("code", "out", "err")]
            if all(each.exists() for each in said) and said[0].read_text():
                ended.append([int(said[0].read_text()), *(each.read_text() for each in said[1:])])
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        calls = _CALL.findall(told.read_text()) if tracer is not None else []
        return {"killed": killed, "status": status, "ended": ended, "calls": calls}


def main() -> None:
    """Answers until stdin ends."""
    # Looking for runtimes is most of what a verb does before it acts.
    catalog = Catalog()
    sandbox.undo.opening.Catalog = lambda **_: catalog  # type: ignore[assignment,misc]
    for line in sys.stdin:
        print(json.dumps(_life(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
