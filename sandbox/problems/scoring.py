"""Scores the answers to a set of problems through one stream, and counts what came back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import grpc

from sandbox.problems.mutants import mutants
from sandbox.problems.problem import Problem
from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2

# Mutants may never end. They are given a multiple of the CPU time of the solution, and at least this.
_MUTANT_CPU_MS = 2000
_MUTANT_CPU_FACTOR = 4
_LARGEST = 256 << 20
_OPTIONS = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]


@dataclass(slots=True)
class Tally:
    """What came of one set. Lists hold names of jobs, mappings a reason for each."""

    name: str
    problems: int = 0
    accepted: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    integrity: Counter[str] = field(default_factory=Counter)
    alarms: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)
    killed: int = 0
    survivors: list[str] = field(default_factory=list)
    programs: int = 0
    tests: int = 0
    seconds: float = 0.0
    mutant_cpu_ms: dict[str, int] = field(default_factory=dict)


def score_set(
    address: str, name: str, problems: Sequence[Problem], with_mutants: bool, progress: Callable[[int, str], None]
) -> Tally:
    """Scores every solution and, if asked for, every mutant. Raises grpc.RpcError when the server cannot be reached."""
    tally = Tally(name, problems=len(problems), repaired={each.id: each.repaired for each in problems if each.repaired})
    started = time.monotonic()
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        stub = reward_pb2_grpc.RewardServiceStub(channel)
        solutions = {problem.id: problem.job(problem.solution) for problem in problems}
        for answer in _answers(stub, solutions.values()):
            _count_solution(tally, answer)
            progress(tally.programs, f"{name}: {tally.accepted} accepted, {len(tally.faults)} faults")
        if with_mutants:
            for answer in _answers(stub, _mutants(problems, tally.mutant_cpu_ms)):
                _count_mutant(tally, answer)
                progress(tally.programs, f"{name}: {tally.killed} mutants killed, {len(tally.survivors)} survived")
    tally.seconds = time.monotonic() - started
    return tally


def _answers(
    stub: reward_pb2_grpc.RewardServiceStub, jobs: Iterable[job_pb2.ScoreRequest]
) -> Iterator[verdict_pb2.ScoreResponse]:
    yield from stub.ScoreStream(reward_pb2.StreamRequest(score=job) for job in jobs)


def _mutants(problems: Iterable[Problem], cpu_ms: Mapping[str, int]) -> Iterator[job_pb2.ScoreRequest]:
    """The mutants of every solution that was accepted: of a suite that refuses all, nothing is learned."""
    for problem in problems:
        for mutant in mutants(problem) if problem.id in cpu_ms else ():
            job = problem.job(mutant.completion, f"{problem.id} {mutant.label}")
            job.limits.cpu_time_ms = cpu_ms[problem.id]
            yield job


def _count_solution(tally: Tally, answer: verdict_pb2.ScoreResponse) -> None:
    if not _judged(tally, answer):
        return
    verdict = answer.verdict
    level = job_pb2.IntegrityLevel.Name(verdict.integrity.level)
    tally.integrity[level] += 1
    if verdict.integrity.alarms:
        tally.alarms[answer.id] = ", ".join(verdict.integrity.alarms)
    if verdict.passed:
        tally.accepted += 1
        wanted = max(_MUTANT_CPU_MS, int(_MUTANT_CPU_FACTOR * verdict.usage.cpu_ms))
        tally.mutant_cpu_ms[answer.id] = min(wanted, verdict.isolation.limits_effective.cpu_time_ms)
    else:
        checks = verdict.tests[0].checks
        tally.refused[answer.id] = (
            f"{verdict_pb2.Status.Name(verdict.status)}, {checks.passed} of {checks.total} asserts hold"
        )


def _count_mutant(tally: Tally, answer: verdict_pb2.ScoreResponse) -> None:
    if not _judged(tally, answer):
        return
    if answer.verdict.passed:
        tally.survivors.append(answer.id)
    else:
        tally.killed += 1


def _judged(tally: Tally, answer: verdict_pb2.ScoreResponse) -> bool:
    """Counts an answer and says whether it is a verdict. A rejected job was not judged, so it is not accepted."""
    tally.programs += 1
    match answer.WhichOneof("outcome"):
        case "verdict":
            tally.tests += len(answer.verdict.tests)
            return True
        case "fault":
            kind = verdict_pb2.FaultKind.Name(answer.fault.kind)
            tally.faults[answer.id] = f"{kind}: {answer.fault.message}"
        case _:
            tally.refused[answer.id] = f"rejected: {answer.rejected.field}: {answer.rejected.message}"
    return False


def figures(tally: Tally) -> Mapping[str, object]:
    """Everything in a tally as plain data."""
    return {
        "set": tally.name,
        "problems": tally.problems,
        "accepted": tally.accepted,
        "not_accepted": tally.refused,
        "faults": tally.faults,
        "integrity": dict(tally.integrity),
        "alarms": tally.alarms,
        "repaired": tally.repaired,
        "mutants_killed": tally.killed,
        "mutants_survived": sorted(tally.survivors),
        "programs": tally.programs,
        "tests": tally.tests,
        "seconds": round(tally.seconds, 3),
        "programs_per_second": round(tally.programs / tally.seconds, 1) if tally.seconds else 0.0,
        "tests_per_second": round(tally.tests / tally.seconds, 1) if tally.seconds else 0.0,
    }
