"""What one program's run came to, test by test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sandbox.model.status import Stage
from sandbox.v1 import job_pb2, verdict_pb2


class Role(Enum):
    """What is known of a program before it runs: GOLD is right, the others are not."""

    GOLD = "gold"
    NULL = "null"
    ECHO = "echo"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Vector:
    """One run of one program over all tests of its problem.

    `earned` counts, for each test, what was passed of what is paid for: 1 of 1, or asserts where each one pays.
    `outputs` are what it printed, where that is known whole; None elsewhere.
    """

    role: Role
    label: str
    stages: tuple[Stage, ...]
    earned: tuple[tuple[int, int], ...]
    outputs: tuple[bytes | None, ...] = ()

    @property
    def passed(self) -> bool:
        """It passed every test."""
        return all(stage is Stage.ACCEPTED for stage in self.stages)

    @property
    def units(self) -> tuple[int, int]:
        """What it passed of all that is paid for."""
        return sum(passed for passed, _ in self.earned), sum(total for _, total in self.earned)


def vector_of(role: Role, label: str, request: job_pb2.ScoreRequest, verdict: verdict_pb2.Verdict) -> Vector:
    """The vector that a verdict amounts to; `request` is the job that was judged."""
    results = list(zip(request.tests, verdict.tests, strict=True))
    return Vector(
        role,
        label,
        tuple(Stage[verdict_pb2.Status.Name(result.status)] for _, result in results),
        tuple(_earned(test, result) for test, result in results),
        tuple(_output(result) for _, result in results),
    )


def _earned(test: job_pb2.Test, result: verdict_pb2.TestResult) -> tuple[int, int]:
    if test.asserts.per_assert or test.suite.per_case:
        return result.checks.passed, result.checks.total
    return int(result.status == verdict_pb2.ACCEPTED), 1


def _output(result: verdict_pb2.TestResult) -> bytes | None:
    if result.stdout_clipped:
        return None
    return result.stdout_bytes or result.stdout.encode()
