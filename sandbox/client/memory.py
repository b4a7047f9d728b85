"""What a client remembers from one call to the next: what became of its jobs, and the suites that it named."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from sandbox.client.suites import SuiteBook
from sandbox.v1 import verdict_pb2


@dataclass(slots=True)
class Counts:
    """What became of a client's jobs. `resent` counts sendings beyond each job's first."""

    verdicts: int = 0
    faults: int = 0
    rejected: int = 0
    resent: int = 0

    @property
    def fault_share(self) -> float:
        """Faults among the jobs that were not rejected: the number to watch."""
        answered = self.verdicts + self.faults
        return self.faults / answered if answered else 0.0


@dataclass(slots=True)
class Memory:
    """Shared by all the event loops in which one client is used."""

    suites: SuiteBook = field(default_factory=SuiteBook)
    # Some server has answered this client before.
    reached: bool = False
    _counts: Counts = field(default_factory=Counts)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counts(self) -> Counts:
        """The numbers as they are now."""
        with self._lock:
            return replace(self._counts)

    def answered(self, answer: verdict_pb2.ScoreResponse) -> None:
        """Counts one answer that goes to the caller."""
        outcome = answer.WhichOneof("outcome")
        with self._lock:
            if outcome == "verdict":
                self._counts.verdicts += 1
            elif outcome == "rejected":
                self._counts.rejected += 1
            else:
                self._counts.faults += 1

    def resent(self) -> None:
        """Counts one more sending of a job."""
        with self._lock:
            self._counts.resent += 1
