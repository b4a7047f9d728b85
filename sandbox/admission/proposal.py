"""A problem that asks to be admitted."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.v1 import job_pb2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A job whose program is the one that is right. `notes` are what whoever reads the report should know of it."""

    id: str
    request: job_pb2.ScoreRequest
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The tests by their ids, as the server calls them."""
        return tuple(test.id or str(number) for number, test in enumerate(self.request.tests))
