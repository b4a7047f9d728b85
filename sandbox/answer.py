"""Writes answers: verdicts with everything that led to them, and faults without a number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

from sandbox.build.cache import Built
from sandbox.canary import Harvest
from sandbox.check import Checked, Scheduled
from sandbox.errors import JobError
from sandbox.judge.hints import hints
from sandbox.judge.judged import Judged
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.status import CaseStatus, Stage, worst
from sandbox.receipt import digest
from sandbox.reward.vector import Reward
from sandbox.run import RunState
from sandbox.v1 import job_pb2, verdict_pb2

OUTPUT_CLIP = 16384
_NAMESPACES = ("user", "pid", "mount", "ipc", "uts", "network", "cgroup")


def verdict_answer(
    job: Checked,
    tests: Sequence[job_pb2.Test],
    harvest: Harvest,
    reward: Reward,
    built: Built | None,
    state: RunState,
) -> verdict_pb2.ScoreResponse:
    """The answer for a program that was judged."""
    results = harvest.results
    status = worst(result.stage for result in results)
    answer = verdict_pb2.ScoreResponse(id=job.request.id)
    verdict = answer.verdict
    verdict.passed = all(result.score == 1.0 for result in results)
    verdict.reward = reward.value
    verdict.components.update(reward.components)
    verdict.status = _STATUS[status]
    for test, result in zip(job.tests, results, strict=True):
        write_test(verdict.tests.add(), test, result, job.request)
    if built is not None:
        verdict.build.ok, verdict.build.cached, verdict.build.messages = built.ok, built.cached, built.messages
        verdict.build.wall_ms, verdict.build.cpu_ms = built.wall_ms, built.cpu_ms
    _write_usage(verdict.usage, job, results, state)
    _write_integrity(verdict.integrity, job, harvest)
    _write_isolation(verdict.isolation, job)
    verdict.receipt.program = digest([job.request.program.SerializeToString(deterministic=True)])
    verdict.receipt.tests = job.request.tests_ref or digest(
        test.SerializeToString(deterministic=True) for test in tests
    )
    verdict.receipt.policy = job.policy.hash
    verdict.receipt.results = digest(f"{r.stage.name} {r.score!r}".encode() for r in results)
    return answer


def fault_answer(job: Checked, kind: str, message: str, state: RunState) -> verdict_pb2.ScoreResponse:
    """The answer when we failed. What did finish is evidence, and there is no field for a reward."""
    answer = verdict_pb2.ScoreResponse(id=job.request.id)
    answer.fault.kind = getattr(verdict_pb2, kind)
    answer.fault.message = _text(message[:2000])
    answer.fault.test_id = state.failed_at
    for test, result in zip(job.tests, state.results, strict=True):
        if result is not None and not test.canary:
            write_test(answer.fault.finished.add(), test, result, job.request)
    return answer


def internal_fault(request: job_pb2.ScoreRequest, error: BaseException) -> verdict_pb2.ScoreResponse:
    """The answer when a bug of ours ended a job."""
    answer = verdict_pb2.ScoreResponse(id=request.id)
    answer.fault.kind = verdict_pb2.INTERNAL
    answer.fault.message = _text(f"{type(error).__name__}: {error}"[:2000])
    return answer


def rejection(job_id: str, error: JobError) -> verdict_pb2.ScoreResponse:
    """A bad job as an answer in place."""
    answer = verdict_pb2.ScoreResponse(id=job_id)
    answer.rejected.code = getattr(verdict_pb2, error.reject)
    answer.rejected.field = error.field
    answer.rejected.message = error.message
    answer.rejected.suggestion = error.suggestion
    answer.rejected.retry_after_ms = error.retry_after_ms
    return answer


def write_test(message: verdict_pb2.TestResult, test: Scheduled, result: Judged, request: job_pb2.ScoreRequest) -> None:
    """One test's result; what a hidden test printed stays here unless the request asks for it."""
    message.id = test.id
    message.visibility = job_pb2.PUBLIC if test.public else job_pb2.HIDDEN
    message.status = _STATUS[result.stage]
    message.score = result.score
    message.checks.total, message.checks.passed = result.total, result.passed
    shown = test.public or request.feedback == job_pb2.ALL
    for case in result.cases:
        detail = _text(case.detail) if shown else ""
        message.cases.add(name=_text(case.name), status=_CASE[case.status], detail=detail)
    if shown:
        message.detail = _text(result.detail)
    if result.fingerprint or result.error_class:
        message.fingerprint, message.error_class = result.fingerprint, _text(result.error_class)
    ended = result.ended
    if ended is None:
        return
    message.cpu_ms, message.wall_ms = ended.cpu_ms, ended.wall_ms
    message.peak_memory_bytes = ended.peak_bytes
    message.signal = ended.signal
    if ended.exit_code is not None:
        message.exit_code = ended.exit_code
    message.stdout_size, message.stderr_size = ended.stdout_size, ended.stderr_size
    if shown:
        clip = request.output_clip_bytes or OUTPUT_CLIP
        if ended.stdout:
            message.stdout, message.stdout_bytes = _clipped(ended.stdout, clip)
            message.stdout_clipped = ended.stdout_size > clip
        if ended.stderr:
            message.stderr, message.stderr_bytes = _clipped(ended.stderr, clip)
            message.stderr_clipped = ended.stderr_size > clip


def _text(text: str) -> str:
    """What the wire can carry of a text: a program's exception may hold half a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _clipped(data: bytes, clip: int) -> tuple[str, bytes]:
    """Text, and the bytes themselves where the text lost some."""
    part = data[:clip]
    try:
        return part.decode(), b""
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) > clip:
            return part[: error.start].decode(), b""  # only the clipping split a character
        return part.decode(errors="replace"), part


def _write_usage(usage: verdict_pb2.Usage, job: Checked, results: Sequence[Judged], state: RunState) -> None:
    runs = [result.ended for result in results if result.ended is not None]
    usage.cpu_ms = sum(run.cpu_ms for run in runs)
    usage.wall_ms = sum(run.wall_ms for run in runs)
    usage.peak_memory_bytes = max((run.peak_bytes for run in runs), default=0)
    now = time.monotonic()
    usage.queue_ms = ((state.begun or now) - state.arrived) * 1000
    usage.total_ms = (now - state.arrived) * 1000
    usage.retries = state.retries
    if job.request.HasField("seed"):
        usage.seed = job.request.seed


def _write_integrity(integrity: verdict_pb2.Integrity, job: Checked, harvest: Harvest) -> None:
    integrity.level = _LEVEL[min(test.check.integrity for test in job.tests)]
    alarms = {alarm for result in harvest.results for alarm in result.alarms}
    integrity.alarms.extend(sorted(alarms.union(hints(job.files))))
    if job.request.canaries:
        integrity.canaries.scheduled, integrity.canaries.failed = harvest.scheduled, harvest.failed


def _write_isolation(isolation: verdict_pb2.Isolation, job: Checked) -> None:
    isolation.tier = job_pb2.NAMESPACES
    isolation.backend = "nsjail"
    isolation.namespaces.extend(_NAMESPACES)
    isolation.seccomp = True
    isolation.cgroup = job.cgroup
    isolation.limits_effective.CopyFrom(_limits_message(job.limits))


@lru_cache(maxsize=256)
def _limits_message(limits: Limits) -> job_pb2.Limits:
    return job_pb2.Limits(**asdict(limits))


_LEVEL: dict[Integrity, job_pb2.IntegrityLevel] = {level: getattr(job_pb2, level.name) for level in Integrity}
_CASE: dict[CaseStatus, verdict_pb2.CaseStatus] = {each: getattr(verdict_pb2, each.name) for each in CaseStatus}
_STATUS: dict[Stage, verdict_pb2.Status] = {stage: getattr(verdict_pb2, stage.name) for stage in Stage}
