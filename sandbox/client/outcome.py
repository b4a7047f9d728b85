"""Reads and writes answers. No number without a verdict: what was not judged has None for a reward, never 0."""

from __future__ import annotations

import math

from sandbox.client.errors import Rejected
from sandbox.v1 import verdict_pb2


def verdict_of(answer: verdict_pb2.ScoreResponse, job: str = "") -> verdict_pb2.Verdict | None:
    """The verdict, or None for a fault. Raises Rejected for a bad job."""
    outcome = answer.WhichOneof("outcome")
    if outcome == "rejected":
        raise rejection_of(answer.rejected, job)
    return answer.verdict if outcome == "verdict" else None


def reward_of(answer: verdict_pb2.ScoreResponse, job: str = "") -> float | None:
    """The reward, or None where nothing was scored. Raises Rejected for a bad job."""
    verdict = verdict_of(answer, job)
    if verdict is None or not verdict.HasField("reward") or not math.isfinite(verdict.reward):
        return None
    return verdict.reward


def rejection_of(rejected: verdict_pb2.Rejected, job: str = "") -> Rejected:
    """The exception that says what the message says."""
    return Rejected(
        rejected.field,
        rejected.message,
        rejected.suggestion,
        code=verdict_pb2.RejectCode.Name(rejected.code),
        retry_after_ms=rejected.retry_after_ms,
        job=job,
    )


def rejected_answer(job_id: str, rejected: Rejected) -> verdict_pb2.ScoreResponse:
    """A bad job as an answer in place."""
    message = verdict_pb2.Rejected(
        code=rejected.code,
        field=rejected.field,
        message=rejected.message,
        suggestion=rejected.suggestion,
        retry_after_ms=rejected.retry_after_ms,
    )
    return verdict_pb2.ScoreResponse(id=job_id, rejected=message)


def fault_answer(job_id: str, message: str) -> verdict_pb2.ScoreResponse:
    """A fault that the client itself had to state: no server gave an answer."""
    return verdict_pb2.ScoreResponse(id=job_id, fault=verdict_pb2.Fault(kind=verdict_pb2.INTERNAL, message=message))
