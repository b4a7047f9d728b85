"""Every runtime proves itself before it is offered: it must build and run its own program rightly."""

from __future__ import annotations

import asyncio
import logging

from sandbox.errors import JobError, SetupError
from sandbox.pipeline import Pipeline
from sandbox.v1 import job_pb2, verdict_pb2

_log = logging.getLogger("sandbox")
# A fault says nothing about the runtime.
_TRIES = 3


async def failure(pipeline: Pipeline, name: str) -> str:
    """Why the runtime cannot be offered; empty when its self-test is accepted."""
    runtime = pipeline.catalog.runtime(name)
    test = runtime.table.selftest
    try:
        # Asked for in a thread, and known from then on.
        await asyncio.to_thread(lambda: runtime.version)
    except SetupError as error:
        return f"{error.subject}: {error.why}" if error.why else error.subject
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


class Proofs:
    """Each runtime's self-test, run once, when somebody first wants to know. One that fails is withdrawn."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._proofs: dict[str, asyncio.Task[None]] = {}

    async def prove(self, name: str) -> None:
        """Returns when it is known whether the runtime is offered. Names of none are left to whoever looks them up."""
        if name not in self._proofs:
            if name not in self._pipeline.catalog.offered():
                return
            self._proofs[name] = asyncio.create_task(self._prove(name))
        await asyncio.shield(self._proofs[name])

    async def _prove(self, name: str) -> None:
        why = await failure(self._pipeline, name)
        if why:
            _log.warning("runtime %s is not offered: %s", name, why)
            self._pipeline.catalog.withdraw(name, why, "sandbox doctor")
