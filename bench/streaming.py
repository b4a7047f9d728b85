"""This server through gRPC: one ScoreStream, kept full."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from bench.costs import Meter
from bench.model import BenchError, Round
from bench.programs import Program, programs
from bench.serving import Server
from sandbox.v1 import reward_pb2, reward_pb2_grpc, verdict_pb2

_WARM_UP_S = 0.5
# Without an answer for so long, something hangs.
_TIMEOUT_S = 120


@dataclass(slots=True)
class _Counts:
    tests: int = 0
    samples: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.samples.setdefault(name, []).append(value)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A variant: programs of `tests` tests, `flying` of them sent and not yet answered."""

    name: str
    language: str
    tests: int
    policy: str
    flying: int
    stub: reward_pb2_grpc.RewardServiceStub
    meter: Meter
    # Requests in place of programs that print; their ids are set here.
    requests: Callable[[], Iterator[reward_pb2.StreamRequest]] | None = None

    def measure(self, seconds: float) -> Round:
        """Programs until the time is up. Raises BenchError when one is not accepted."""
        counts = _Counts()
        source = enumerate(self._requests())
        requests: queue.SimpleQueue[reward_pb2.StreamRequest | None] = queue.SimpleQueue()
        sent: dict[str, float] = {}

        def send() -> None:
            number, request = next(source)
            request.score.id = str(number)
            sent[request.score.id] = time.perf_counter()
            requests.put(request)

        before = self.meter.read()
        began = time.perf_counter()
        for _ in range(self.flying):
            send()
        for answer in self.stub.ScoreStream(iter(requests.get, None), timeout=seconds + _TIMEOUT_S):
            now = time.perf_counter()
            counts.add("latency", (now - sent.pop(answer.id)) * 1000)
            _count(counts, answer)
            if now < began + seconds:
                send()
            elif not sent:
                requests.put(None)
        ended = time.perf_counter()
        after = self.meter.read()
        cpu = {part: after[part] - before[part] for part in after}
        return Round(counts.tests, ended - began, cpu, counts.samples)

    def _requests(self) -> Iterator[reward_pb2.StreamRequest]:
        if self.requests is not None:
            return self.requests()
        return (_request(program, self.policy) for program in programs(self.language, self.tests))


@contextmanager
def stub(server: Server) -> Iterator[reward_pb2_grpc.RewardServiceStub]:
    """A connection to a server."""
    with grpc.insecure_channel(server.address) as channel:
        yield reward_pb2_grpc.RewardServiceStub(channel)


def warm_up(variant: Streamed) -> Streamed:
    """Starts the cells that the variant needs."""
    variant.measure(_WARM_UP_S)
    return variant


def _request(program: Program, policy: str) -> reward_pb2.StreamRequest:
    request = reward_pb2.StreamRequest()
    score = request.score
    score.policy = policy
    score.program.language = program.language
    score.program.source = program.source
    for case in program.tests:
        stdio = score.tests.add().stdio
        stdio.stdin, stdio.expected_stdout = case.stdin, case.stdout
    return request


def _count(counts: _Counts, answer: verdict_pb2.ScoreResponse) -> None:
    verdict = answer.verdict
    if verdict.status != verdict_pb2.ACCEPTED:
        raise BenchError(f"a right program was not accepted: {str(answer)[:2000]}")
    counts.tests += len(verdict.tests)
    for test in verdict.tests:
        counts.add("candidate cpu", test.cpu_ms)
        counts.add("candidate wall", test.wall_ms)
    if verdict.HasField("build"):
        counts.add("build wall", verdict.build.wall_ms)
        counts.add("build cpu", verdict.build.cpu_ms)
