"""What every adapter is made of: a completion and a row's tests become a job, and its answer a score or no score.

    scorer = Scorer("10.0.0.1:50051", "10.0.0.2:50051", scheme="fraction")
    rewards = await scorer.rewards(completions, tasks)        # None: a fault of ours
    score = scorer.score_now(completion, task)                # raises Unscored for a fault

Without addresses, the environment variable SANDBOX_ADDRESS names them, with commas between. A scorer connects when it
is used, for each process and each event loop by itself, so it may be pickled, shared by threads and sent to actors.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Unpack

from sandbox.client.aio import AsyncClient
from sandbox.client.fake import FakeClient
from sandbox.client.outcome import reward_of
from sandbox.client.settings import DEFAULT_ADDRESS, Options
from sandbox.client.sync import Client
from sandbox.errors import SandboxError
from sandbox.tasks import job_of, program_in, text_of
from sandbox.v1 import job_pb2, verdict_pb2

ADDRESS = "SANDBOX_ADDRESS"


class Unscored(SandboxError):
    """Nothing was scored, and the fault is ours: for frameworks that have no value which says so."""

    code = "unscored"

    def __init__(self, message: str) -> None:
        super().__init__(
            "the sample has no reward", why=message, fix="leave it out of the batch, or grade it again; it is no zero"
        )
        self.message = message

    def __str__(self) -> str:
        return f"{self.subject}: {self.why}"

    def __reduce__(self) -> tuple[object, ...]:
        return Unscored, (self.message,)


@dataclass(frozen=True, slots=True)
class Score:
    """A verdict, as trainers log it. `fraction` is the passed share of the tests, `status` the worst of theirs."""

    reward: float
    passed: bool
    fraction: float
    status: str
    feedback: str

    def numbers(self) -> dict[str, float]:
        """The same keys for every sample."""
        return {"score": self.reward, "passed": float(self.passed), "fraction": self.fraction}


class Scorer:
    """Scores completions by tasks: rows in any shape of `sandbox.tasks`. Options are those of the client."""

    def __init__(
        self,
        *addresses: str,
        language: str = "python",
        scheme: str = "",
        extract: Callable[[str], str] = program_in,
        client: FakeClient | None = None,
        **options: Unpack[Options],
    ) -> None:
        named = [name.strip() for name in os.environ.get(ADDRESS, DEFAULT_ADDRESS).split(",")]
        addresses = addresses or tuple(name for name in named if name)
        self._now: Client = client or Client(*addresses, **options)
        self._later: AsyncClient = client.as_async() if client else AsyncClient(*addresses, **options)
        self._language, self._scheme, self._extract = language, scheme, extract

    def job(self, completion: object, task: object) -> job_pb2.ScoreRequest:
        """The job of one completion: text, or a list of messages. Raises JobError for a task that is none."""
        program = self._extract(text_of(completion))
        return job_of(program, task, language=self._language, scheme=self._scheme)

    async def rewards(self, completions: Iterable[object], tasks: Iterable[object]) -> list[float | None]:
        """Each completion's reward; None for a fault."""
        return await self._later.rewards(self._jobs(completions, tasks))

    def rewards_now(self, completions: Iterable[object], tasks: Iterable[object]) -> list[float | None]:
        """The same, waited for."""
        return self._now.rewards(self._jobs(completions, tasks))

    async def score(self, completion: object, task: object) -> Score:
        """One completion's score. Raises Unscored for a fault, Rejected for a bad job."""
        job = self.job(completion, task)
        return self._score(await self._later.answer(job), job)

    def score_now(self, completion: object, task: object) -> Score:
        """The same, waited for."""
        job = self.job(completion, task)
        return self._score(self._now.answer(job), job)

    def run_now(self, program: str, stdin: str = "") -> str:
        """What a program prints, errors last, and how it ended. Raises Unscored for a fault."""
        job = job_of(program, [{"stdio": {"stdin": stdin}, "visibility": "PUBLIC"}], language=self._language)
        answer = self._now.answer(job)
        self._score(answer, job)
        test = answer.verdict.tests[0]
        ended = "" if test.exit_code == 0 and not test.signal else verdict_pb2.Status.Name(test.status)
        return "\n".join(part.rstrip("\n") for part in (test.stdout, test.stderr, ended) if part)

    def _jobs(self, completions: Iterable[object], tasks: Iterable[object]) -> list[job_pb2.ScoreRequest]:
        return [self.job(completion, task) for completion, task in zip(completions, tasks, strict=True)]

    def _score(self, answer: verdict_pb2.ScoreResponse, job: job_pb2.ScoreRequest) -> Score:
        reward = reward_of(answer)
        if reward is None:
            raise Unscored(answer.fault.message or "the verdict has no reward")
        verdict = answer.verdict
        passed = sum(test.score == 1.0 for test in verdict.tests) / max(1, len(verdict.tests))
        status = verdict_pb2.Status.Name(verdict.status)
        return Score(reward, verdict.passed, passed, status, self._now.feedback(answer, job))


_default: Scorer | None = None


def default() -> Scorer:
    """The scorer of functions that a framework finds by name; its servers are those of SANDBOX_ADDRESS."""
    global _default
    if _default is None:
        _default = Scorer()
    return _default
