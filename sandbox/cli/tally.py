"""What a run of many jobs came to: counts, rows for a table, and the exit code."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sandbox.cli.exits import Exit
from sandbox.cli.jobs import Job
from sandbox.v1 import verdict_pb2

# A table of a hundred thousand is read by nobody: of more than this, only what was not accepted is shown.
ROWS = 250


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, as a table shows it."""

    line: int
    id: str
    status: str
    passed: bool | None
    reward: float | None
    tests: str
    wall_ms: float | None
    note: str = ""


@dataclass(slots=True)
class Tally:
    """Counts answers as they come."""

    accepted: int = 0
    failed: int = 0
    rejected: int = 0
    faults: int = 0
    rewards: float = 0.0
    bytes: int = 0
    begun: float = field(default_factory=time.monotonic)
    _good: list[Row] = field(default_factory=list)
    _bad: list[Row] = field(default_factory=list)

    def start(self) -> None:
        """Starts the clock, once jobs are taken."""
        self.begun = time.monotonic()

    def add(self, job: Job, answer: verdict_pb2.ScoreResponse) -> None:
        """Counts one answer."""
        self.bytes += job.size
        outcome = answer.WhichOneof("outcome")
        if outcome == "verdict":
            self.accepted += answer.verdict.passed
            self.failed += not answer.verdict.passed
            self.rewards += answer.verdict.reward
        elif outcome == "rejected":
            self.rejected += 1
        else:
            self.faults += 1
        rows = self._good if answer.verdict.passed else self._bad
        if len(rows) < ROWS:
            rows.append(_row(job, answer))

    @property
    def total(self) -> int:
        """Answers so far."""
        return self.accepted + self.failed + self.rejected + self.faults

    @property
    def exit(self) -> Exit:
        """The exit code of the run: a fault outranks a bad job, and that a wrong program."""
        if self.faults:
            return Exit.FAULT
        if self.rejected:
            return Exit.BAD
        return Exit.NOT_ACCEPTED if self.failed else Exit.ACCEPTED

    def rows(self) -> list[Row]:
        """The rows to show, in the order of the file."""
        shown = self._bad if self.total > ROWS else [*self._good, *self._bad]
        return sorted(shown, key=lambda row: row.line)

    def pace(self) -> str:
        """The live line: programs, programs a second, share of faults."""
        share = self.faults / self.total if self.total else 0.0
        return f"{self.total:,} programs  {self._rate():,.0f}/s  faults {share:.1%}"

    def summary(self) -> str:
        """The last line."""
        parts = [f"{self.accepted:,} of {self.total:,} accepted"]
        parts += [f"{count:,} {name}" for count, name in self._others() if count]
        judged = self.accepted + self.failed
        if judged:
            parts.append(f"mean reward {self.rewards / judged:.3f}")
        parts.append(f"{time.monotonic() - self.begun:.1f} s, {self._rate():,.1f} programs/s")
        return "; ".join(parts)

    def _others(self) -> list[tuple[int, str]]:
        return [
            (self.failed, "not accepted"),
            (self.rejected, "rejected"),
            (self.faults, "fault" if self.faults == 1 else "faults"),
        ]

    def _rate(self) -> float:
        return self.total / max(time.monotonic() - self.begun, 1e-3)


def _row(job: Job, answer: verdict_pb2.ScoreResponse) -> Row:
    outcome = answer.WhichOneof("outcome")
    if outcome == "verdict":
        verdict = answer.verdict
        passed = sum(test.status == verdict_pb2.ACCEPTED for test in verdict.tests)
        status = verdict_pb2.Status.Name(verdict.status)
        tests = f"{passed}/{len(verdict.tests)}"
        return Row(job.number, answer.id, status, verdict.passed, verdict.reward, tests, verdict.usage.wall_ms)
    if outcome == "rejected":
        return Row(job.number, answer.id, "rejected", None, None, "", None, rejection_text(answer.rejected))
    kind = verdict_pb2.FaultKind.Name(answer.fault.kind)
    return Row(job.number, answer.id, "fault", None, None, "", None, f"{kind}: {answer.fault.message}")


def rejection_text(rejected: verdict_pb2.Rejected) -> str:
    """A rejection as one line."""
    text = f"{rejected.field}: {rejected.message}" if rejected.field else rejected.message
    return f"{text} ({rejected.suggestion})" if rejected.suggestion else text
