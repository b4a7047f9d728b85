"""open-instruct's code API: `/test_program` and `/test_program_stdio`, a 0 or a 1 for each test."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sandbox.door.body import Asked
from sandbox.door.door import Door
from sandbox.door.runs import time_limits
from sandbox.errors import JobError
from sandbox.tasks import job_of

RETRY = 503
_FAILED = -1.0


class TestProgram(Asked):
    """Asserts, each of them a test. `max_execution_time` in seconds, for each."""

    program: str
    tests: list[str] | str = Field(min_length=1)
    max_execution_time: float = 1.0


class Case(Asked):
    """One input, and what is to be printed."""

    input: str
    output: str


class TestProgramStdio(TestProgram):
    """Inputs and outputs."""

    tests: list[Case] | str = Field(min_length=1)  # type: ignore[assignment]


async def test_program(door: Door, asked: TestProgram | TestProgramStdio) -> dict[str, Any]:
    """Results and seconds, -1 for a test that failed."""
    if isinstance(asked.tests, str):
        raise JobError("tests", "text that holds pickled tests is not read", "send them as a JSON list")
    tests = [test if isinstance(test, str) else test.model_dump() for test in asked.tests]
    request = job_of(asked.program, tests)
    request.limits.cpu_time_ms, request.limits.wall_time_ms = time_limits(
        "max_execution_time", asked.max_execution_time, door.limits
    )
    verdict = (await door.score(request)).verdict
    passed = [test.score == 1.0 for test in verdict.tests]
    return {
        "results": [int(each) for each in passed],
        "runtimes": [
            test.wall_ms / 1000 if each else _FAILED for test, each in zip(verdict.tests, passed, strict=True)
        ],
    }
