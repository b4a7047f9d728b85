"""The server that attacks are sent to, looked at from outside: what it answers, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.holdings import held
from tests.jail.traces import Process, Spawner, resident_bytes, spawner_of, until

SUMS = {
    "python": "print(sum(map(int, input().split())))\n",
    "c": "#include <stdio.h>\n"
    'int main(void) { int a, b; return scanf("%d%d", &a, &b) != 2 || printf("%d\\n", a + b) < 0; }\n',
    "cpp": "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n",
}
WRONG = {
    "python": "print(41)\n",
    "c": '#include <stdio.h>\nint main(void) { puts("41"); return 0; }\n',
    "cpp": "#include <iostream>\nint main() { std::cout << 41 << std::endl; }\n",
}
# What the server's own memory may grow by over all attacks: what its allocator keeps of the largest claim ever read.
GROWTH = 96 << 20
# Kinds whose cells the jobs of `settle` start.
_SETTLED = {"stdio", "call", "asserts"}


@dataclass
class Target:
    """A running server with one cell of each kind."""

    pid: int
    home: Path
    stub: reward_pb2_grpc.RewardServiceStub

    @cached_property
    def spawner(self) -> Spawner:
        """Its spawner; a second one would mean that the first has died."""
        return spawner_of(self.pid)

    @cached_property
    def resident(self) -> int:
        """The server's own memory, in bytes, before the first attack."""
        return resident_bytes(self.pid)

    def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The answer to one job."""
        (answer,) = self.stub.ScoreStream(iter([reward_pb2.StreamRequest(score=request)]))
        return answer

    def settle(self, like: job_pb2.ScoreRequest) -> None:
        """Runs honest jobs of the same kind, so that the cells are there which a job like this needs."""
        self.honest_is_paid_and_wrong_is_not(like)
        if {test.WhichOneof("kind") for test in like.tests} - _SETTLED:
            self.score(like)
        if like.program.language == "python":
            split = job_pb2.ScoreRequest(id="split", policy=like.policy)
            split.program.language, split.program.source = "python", "def double(n):\n    return 2 * n\n"
            split.program.entry_point = "double"
            split.tests.add(asserts=job_pb2.AssertsTest(code="for n in range(3):\n    assert double(n) == n + n\n"))
            assert self.score(split).verdict.status == verdict_pb2.ACCEPTED

    def honest_is_paid_and_wrong_is_not(self, like: job_pb2.ScoreRequest) -> None:
        """The next jobs on the same cell: nothing of the one before speaks for them or against them."""
        for sources, status in ((SUMS, verdict_pb2.ACCEPTED), (WRONG, verdict_pb2.WRONG_ANSWER)):
            job = job_pb2.ScoreRequest(id="next", policy=like.policy, feedback=job_pb2.ALL)
            job.program.language = like.program.language
            job.program.source = sources[like.program.language]
            job.tests.add(stdio=job_pb2.StdioTest(stdin="20 22\n", expected_stdout="42\n"))
            answer = self.score(job)
            assert answer.verdict.status == status, answer
            assert answer.verdict.usage.retries == 0, answer
            assert list(answer.verdict.integrity.alarms) == []

    def cells(self) -> set[Process]:
        """The jails that it holds."""
        return set(self.spawner.cells())

    def holds(self) -> dict[str, int]:
        """What it holds once all its inits wait for work, counted."""
        until(self._inits_wait, why="inits that wait")
        return held(self.pid, self.spawner, self.home)

    def is_back_at(self, before: dict[str, int]) -> None:
        """Waits until it holds just what it did before, and checks that its memory has not grown."""
        until(lambda: self._quiet() == before, why=f"{self._quiet()} == {before}")
        assert spawner_of(self.pid) == self.spawner
        until(lambda: resident_bytes(self.pid) < self.resident + GROWTH, why="memory to be given back")

    def _inits_wait(self) -> bool:
        inits = [self.spawner.init_of(cell) for cell in self.spawner.cells()]
        return all(Path(f"/proc/{init.pid}/wchan").read_text().startswith(("unix_", "__skb")) for init in inits)

    def _quiet(self) -> dict[str, int]:
        try:
            return self.holds()
        except (OSError, StopIteration):
            return {}  # something was just going away
