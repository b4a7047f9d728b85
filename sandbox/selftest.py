"""Every runtime proves itself before it is offered: it must build and run its own program rightly."""

from __future__ import annotations

from sandbox.errors import JobError
from sandbox.pipeline import Pipeline
from sandbox.v1 import job_pb2, verdict_pb2

# A fault says nothing about the runtime.
_TRIES = 3


async def failure(pipeline: Pipeline, name: str) -> str:
    """Why the runtime cannot be offered; empty when its self-test is accepted."""
    test = pipeline.catalog.runtime(name).table.selftest
    request = job_pb2.ScoreRequest(id="selftest", feedback=job_pb2.ALL)
    request.program.language, request.program.source = name, test.source
    request.tests.add(stdio=job_pb2.StdioTest(stdin=test.stdin, expected_stdout=test.stdout))
    for _ in range(_TRIES):
        try:
            answer = await pipeline.score(request)
        except JobError as error:
            return error.message
        if answer.WhichOneof("outcome") == "verdict":
            break
    else:
        return answer.fault.message
    if answer.verdict.passed:
        return ""
    why = answer.verdict.tests[0].detail or answer.verdict.build.messages
    return f"its self-test ended in {verdict_pb2.Status.Name(answer.verdict.status)}: {why}"
