"""One test on its way through a cell: the files that it is given, the limits in the init's words, what it left."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.jail import descriptors
from sandbox.model.limits import Limits
from sandbox.model.outcome import End, Ended, JailFault, Refused
from sandbox.model.plan import TestPlan

_CLOSED = -1
# How the init says that a file does not come back.
_NOT_COLLECTED = {-1: None, -2: Refused.IRREGULAR, -3: Refused.LARGE}


@dataclass(slots=True)
class Running:
    """A test that was sent, with the server's ends of its files."""

    number: int
    plan: TestPlan
    claims: int | None
    fds: list[int]
    done: asyncio.Future[Ended]
    # How many files were asked for.
    collected: int = 0
    # Who is waiting for the way out of the jail, until it has come.
    on_listener: Callable[[socket.socket], None] | None = None

    def let_go_of_streams(self) -> None:
        """Closes our ends of streams that are somebody's pipes, so that an end of them can be seen."""
        os.close(self.fds[0])
        os.close(self.fds[1])
        self.fds[0] = self.fds[1] = _CLOSED

    def close(self) -> None:
        """Lets go of the files."""
        for fd in self.fds:
            if fd != _CLOSED:
                os.close(fd)
        self.fds.clear()


def limits_message(limits: Limits) -> dict[str, Any]:
    """Limits as the init keeps them: times in microseconds, and what becomes an rlimit of the candidate."""
    return {
        "cpu_us": limits.cpu_time_ms * 1000,
        "wall_us": limits.wall_time_ms * 1000,
        "output": limits.output_bytes,
        "memory": limits.memory_bytes,
        "file": limits.file_bytes,
        "rlimits": _rlimits(limits),
    }


def _rlimits(limits: Limits) -> dict[str, int]:
    # Standard output is a file, too; where one limit bounds both, one byte more tells reaching it from passing it.
    passing = 1 if limits.file_bytes <= limits.output_bytes else 0
    return {
        # Far behind the cgroup's: it counts by ticks, up to an eighth more, and says SIGKILL where that says CPU.
        "cpu_s": limits.cpu_time_ms * 3 // 2000 + 2,
        "file": limits.file_bytes + passing,
        "open_files": limits.open_files,
        "processes": limits.processes,
        "stack": min(limits.stack_bytes, limits.memory_bytes),
    }


def open_files(
    plan: TestPlan, collect: bool, channel: int | None, streams: tuple[int, int] | None
) -> tuple[list[int], dict[str, int]]:
    """The descriptors of a test in the candidate's numbering, and where those beyond 0, 1 and 2 are."""
    if streams is None:
        fds = [descriptors.sealed("stdin", plan.stdin), descriptors.empty("stdout"), descriptors.empty("stderr")]
    else:
        fds = [os.dup(streams[0]), os.dup(streams[1]), descriptors.empty("stderr")]
    places: dict[str, int] = {}

    def add(name: str, fd: int) -> None:
        places[name] = len(fds)
        fds.append(fd)

    if plan.extra is not None:
        add("extra", descriptors.sealed("extra", plan.extra))
    if channel is not None:
        add("channel", os.dup(channel))
    if plan.claims or collect:
        add("claims", descriptors.empty("claims"))
    if plan.mode == "command":
        add("command", descriptors.sealed("command", _strings(plan.argv)))
    elif len(plan.argv) > 1:
        add("arguments", descriptors.sealed("arguments", _strings(plan.argv[1:])))
    if plan.environment:
        pairs = [f"{name}={value}" for name, value in plan.environment]
        add("environment", descriptors.sealed("environment", _strings(pairs)))
    return fds, places


def _strings(texts: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(text) + b"\0" for text in texts)


def output_sizes(running: Running) -> tuple[int, int]:
    """Bytes that the test wrote to stdout, where that is a file of ours, and to stderr."""
    stdout, stderr = running.fds[1], running.fds[2]
    return 0 if stdout == _CLOSED else descriptors.size_of(stdout), descriptors.size_of(stderr)


def read_ended(running: Running, sizes: tuple[int, int], message: dict[str, Any]) -> Ended:
    """What the test left in its files, of which `sizes` tells two, and what the init says of its end."""
    limits = running.plan.limits
    stdout_size, stderr_size = sizes
    stdout = descriptors.contents(running.fds[1], min(stdout_size, limits.output_bytes))
    stderr = descriptors.contents(running.fds[2], min(stderr_size, limits.output_bytes))
    extra = b""
    collected: tuple[bytes | Refused | None, ...] = ()
    if running.claims is not None:
        claims = running.fds[running.claims]
        extra = descriptors.contents(claims, min(descriptors.size_of(claims), limits.file_bytes))
        if running.collected:
            extra, collected = b"", _parts(extra, message["collected"])
    status = message["status"]
    end = End(message["end"])
    if end is End.EXIT and max(stdout_size, stderr_size) > limits.output_bytes:
        end = End.OUTPUT
    return Ended(
        end=end,
        exit_code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        cpu_ms=message["cpu_us"] / 1000,
        wall_ms=message["wall_us"] / 1000,
        peak_bytes=message["peak"],
        oom=message["oom"],
        runnable_ms=message["runnable_us"] / 1000,
        stdout=stdout,
        stderr=stderr,
        stdout_size=stdout_size,
        stderr_size=stderr_size,
        extra=extra,
        collected=collected,
        alone=message["alone"],
        denied=message["denied"],
        walked=message["walked"],
    )


def _parts(data: bytes, sizes: Sequence[int]) -> tuple[bytes | Refused | None, ...]:
    """The files that the init copied one behind the other; a size below 0 says why there is none."""
    ends = itertools.accumulate(max(0, size) for size in sizes)
    return tuple(
        _NOT_COLLECTED[size] if size < 0 else data[end - size : end] for size, end in zip(sizes, ends, strict=True)
    )


def pass_on(source: asyncio.Future[Ended], running: Running) -> None:
    """Hands what a thread has read to whoever waits for the test."""
    running.close()
    if running.done.done():
        return
    error = source.exception()
    if error is not None:
        running.done.set_exception(JailFault(f"reading the output failed: {error}"))
    else:
        running.done.set_result(source.result())
