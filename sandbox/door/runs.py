"""One run of a program: what a client asks for, the job that does it, and what came out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import JobError
from sandbox.model.limits import Limits
from sandbox.v1 import job_pb2, verdict_pb2

# Of standard output, and of standard error: more is OUTPUT_LIMIT, so that what is compared was never cut.
OUTPUT_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Program:
    """Everything but the input: calls that are equal in it share a build and a cell."""

    language: str
    files: tuple[tuple[str, bytes], ...]
    main: str = ""
    argv: tuple[str, ...] = ()
    cpu_time_ms: int = 0
    wall_time_ms: int = 0
    memory_bytes: int = 0
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended, and its build where the language is built."""

    test: verdict_pb2.TestResult
    build: verdict_pb2.Build | None

    @property
    def compiled(self) -> bool:
        """Whether there was a program to run."""
        return self.build is None or self.build.ok

    @property
    def ended_well(self) -> bool:
        """By itself, with 0."""
        return self.compiled and self.test.HasField("exit_code") and self.test.exit_code == 0 and not self.limit

    @property
    def limit(self) -> str:
        """The limit that ended it, if one did."""
        name = verdict_pb2.Status.Name(self.test.status)
        return name if name.endswith("_LIMIT") or name == "SECURITY_VIOLATION" else ""


def job_of_runs(program: Program, inputs: Sequence[bytes]) -> job_pb2.ScoreRequest:
    """A job that runs a program on each input. What it prints is not compared with anything; it comes back."""
    request = job_pb2.ScoreRequest(
        policy=program.policy,
        # A program that waits for ever on one input would on the others, too; those are run apart, side by side.
        stop=job_pb2.FIRST_TIME_LIMIT,
        ignore_exit_code=True,
        feedback=job_pb2.ALL,
        output_clip_bytes=OUTPUT_BYTES,
    )
    sent = request.program
    sent.language, sent.main = program.language, program.main
    sent.argv.extend(program.argv)
    for path, data in program.files:
        sent.files.add(path=path, data=data)
    limits = request.limits
    limits.cpu_time_ms, limits.wall_time_ms = program.cpu_time_ms, program.wall_time_ms
    limits.memory_bytes, limits.output_bytes = program.memory_bytes, OUTPUT_BYTES
    for given in inputs:
        test = request.tests.add().stdio
        test.stdin_bytes = given
    return request


def time_limits(field: str, seconds: float, allowed: Limits) -> tuple[int, int]:
    """CPU time and the backstop on the clock, in ms, for a client that gives seconds on the clock.

    The CPU time is what is bounded, so that a busy machine makes no verdict. Raises JobError for more than is allowed.
    """
    if not math.isfinite(seconds) or seconds <= 0:
        raise JobError(field, f"{seconds} s is no time", "give seconds above 0")
    asked = math.ceil(seconds * 1000)
    if asked > allowed.cpu_time_ms:
        raise JobError(
            field,
            f"{seconds:g} s is more than the policy's {allowed.cpu_time_ms / 1000:g} s",
            "ask for less, or serve under a policy that allows it (--http-policy)",
        )
    return asked, min(allowed.wall_time_ms, max(2 * asked, asked + 1000))


def memory_limit(field: str, asked: int, allowed: Limits) -> int:
    """Bytes; 0, the policy's own, where the client says none. Raises JobError for more than the policy has."""
    if asked <= 0:
        return 0
    if asked > allowed.memory_bytes:
        raise JobError(
            field,
            f"{asked} bytes are more than the policy's {allowed.memory_bytes}",
            "ask for less, or serve under a policy that allows it (--http-policy)",
        )
    return asked
