"""Scores a feed of jobs with a bounded number of them in flight, and hands on each answer as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from sandbox.answer import rejection
from sandbox.cli.jobs import Job
from sandbox.errors import JobError, SandboxError
from sandbox.server.admission import Admission
from sandbox.v1 import job_pb2, verdict_pb2

FLYING_BYTES = 1 << 30


class Scorer(Protocol):
    """Where jobs are judged."""

    # Jobs that it is given at one time.
    room: int
    # Set when it can take no more.
    lost: SandboxError | None

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The answer to one job: a verdict, a fault or a rejection. Never raises for what is wrong with a job."""


def room_for(cells: int) -> int:
    """Enough that no cell ever waits for a job, and few enough to be held in memory."""
    return 8 * cells + 8


async def score_all(
    jobs: AsyncIterator[Job], scorer: Scorer, answered: Callable[[Job, verdict_pb2.ScoreResponse], None]
) -> None:
    """Answers every job, in order of completion. Raises what made the scorer stop, once all in flight are answered."""
    admission = Admission(scorer.room, FLYING_BYTES)
    flying: set[str] = set()

    async def one(job: Job, request: job_pb2.ScoreRequest) -> None:
        try:
            answered(job, await scorer.score(request))
        finally:
            flying.discard(job.id)
            admission.leave(job.size)

    async with asyncio.TaskGroup() as tasks:
        async for job in jobs:
            error = job.error or _duplicate(job, flying)
            if error is not None or job.request is None:
                answered(job, rejection(job.id, error or JobError("", "is empty")))
                continue
            await admission.enter(job.size)
            if scorer.lost is not None:
                break
            flying.add(job.id)
            tasks.create_task(one(job, job.request))
    if scorer.lost is not None:
        raise scorer.lost


def _duplicate(job: Job, flying: set[str]) -> JobError | None:
    if job.id not in flying:
        return None
    message = f"{job.id!r} is in flight already (line {job.number})"
    return JobError("id", message, "give each job its own id", reject="ALREADY_EXISTS")


def fault(job_id: str, message: str) -> verdict_pb2.ScoreResponse:
    """A failure of ours as an answer in place."""
    answer = verdict_pb2.ScoreResponse(id=job_id)
    answer.fault.kind, answer.fault.message = verdict_pb2.INTERNAL, message
    return answer
