"""Joins identical jobs of one group that are in flight at the same time. Finished verdicts are never reused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sandbox.check import Checked
from sandbox.flights import Flights
from sandbox.receipt import digest
from sandbox.v1 import job_pb2, verdict_pb2

_ANSWER_ONLY = ("id", "timeout_ms")


class Coalescer:
    """One run for those who ask for the same, within one `group_id`."""

    def __init__(self) -> None:
        self._flights: Flights[verdict_pb2.ScoreResponse] = Flights()

    async def join(
        self,
        job: Checked,
        tests: Sequence[job_pb2.Test],
        run: Callable[[], Awaitable[verdict_pb2.ScoreResponse]],
    ) -> verdict_pb2.ScoreResponse:
        """The answer of the run that is in flight for an equal job, or of a new one. The last to leave cancels it."""
        shared, joined = await self._flights.join(_key(job, tests), run)
        answer = verdict_pb2.ScoreResponse()
        answer.CopyFrom(shared)
        answer.id = job.request.id
        if answer.WhichOneof("outcome") == "verdict":
            answer.verdict.usage.coalesced = joined
        return answer


def _key(job: Checked, tests: Sequence[job_pb2.Test]) -> tuple[str, ...]:
    """Everything that decides the answer."""
    request = job_pb2.ScoreRequest()
    request.CopyFrom(job.request)
    for name in _ANSWER_ONLY:
        request.ClearField(name)
    return (
        job.request.group_id,
        digest([request.SerializeToString(deterministic=True)]),
        digest([test.SerializeToString(deterministic=True) for test in tests]),
        job.policy.hash,
        job.runtime.name,
        job.runtime.version,
    )
