"""One problem, and the job that judges an answer to it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.v1 import job_pb2


@dataclass(frozen=True, slots=True)
class Problem:
    """A function to be written, with its tests.

    `solution` is the answer that comes with the problem. Where `continues`, an answer goes on where the prompt ends;
    otherwise the prompt is a text, and an answer is a whole program. `setup` is trusted code of the test's side.
    `repaired` says what was wrong with the problem as published; empty for nearly all.
    """

    id: str
    prompt: str
    entry_point: str
    solution: str
    test: str
    setup: str = ""
    continues: bool = True
    repaired: str = ""

    def program(self, completion: str) -> str:
        """The source of an answer."""
        return self.prompt + completion if self.continues else completion

    def job(self, completion: str, name: str = "") -> job_pb2.ScoreRequest:
        """The job that judges an answer, called `name` or like the problem. A problem's answers are one group."""
        request = job_pb2.ScoreRequest(id=name or self.id, group_id=self.id, feedback=job_pb2.PUBLIC_ONLY)
        request.program.language = "python"
        request.program.source = self.program(completion)
        request.program.entry_point = self.entry_point
        asserts = request.tests.add().asserts
        asserts.code, asserts.setup = self.test, self.setup
        return request
