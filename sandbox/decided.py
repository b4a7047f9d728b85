"""Stop rules: when the tests that are left need not run. Canaries decide nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.check import Checked
from sandbox.judge.judged import Judged
from sandbox.model.status import Stage
from sandbox.reward import Outcome, Scored
from sandbox.v1 import job_pb2


def is_decided(job: Checked, results: Sequence[Judged | None]) -> bool:
    """Whether the rule of the job ends its run here. Nothing ends before a test has failed."""
    own = [result for test, result in zip(job.tests, results, strict=True) if not test.canary]
    if job.request.stop == job_pb2.NEVER or all(r is None or r.stage is Stage.ACCEPTED for r in own):
        return False
    if job.request.stop == job_pb2.FIRST_FAILURE:
        return True
    if job.request.stop == job_pb2.FIRST_TIME_LIMIT:
        return any(result is not None and result.stage is Stage.TIME_LIMIT for result in own)
    # Schemes are monotone, so the best and the worst that the rest can do bound all that it can do.
    return _reward(job, results, Stage.ACCEPTED) == _reward(job, results, Stage.RUNTIME_ERROR)


def _reward(job: Checked, results: Sequence[Judged | None], rest: Stage) -> float:
    """The reward if every test that has not run ended as `rest`."""
    scored = []
    for test, result in zip(job.tests, results, strict=True):
        if test.canary:
            continue
        stage, score = (rest, float(rest is Stage.ACCEPTED)) if result is None else (result.stage, result.score)
        scored.append(Scored(test.id, stage is Stage.ACCEPTED, score, test.weight, test.group, stage))
    return job.scheme(Outcome.of(scored)).value
