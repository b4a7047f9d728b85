"""Examines a feed of problems, several at a time, and hands on the reports in the order of the file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sandbox.admission import Options, Report, examine
from sandbox.admission.examine import bad_report
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.flow import FLYING_BYTES, Scorer
from sandbox.cli.proposals import Line
from sandbox.cli.tally import ROWS
from sandbox.server.admission import Admission
from sandbox.v1 import job_pb2, verdict_pb2

Examined = Callable[[Line, Report], None]


async def examine_all(lines: AsyncIterator[Line], scorer: Scorer, options: Options, examined: Examined) -> None:
    """Reports on every line. Raises what made the scorer stop, once the problems under way are reported on."""
    admission = Admission(scorer.room, FLYING_BYTES)
    order = _InOrder(examined)

    async def one(place: int, line: Line) -> None:
        async def ask(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
            request.id = f"line-{line.number}"  # a problem has one job in flight
            return await scorer.score(request)

        try:
            if line.proposal is None:
                report = bad_report(line.id, line.error)
            else:
                report = await examine(line.proposal, ask, options)
            order.add(place, line, report)
        finally:
            admission.leave(len(line.text))

    place = 0
    async with asyncio.TaskGroup() as tasks:
        async for line in lines:
            await admission.enter(len(line.text))
            if scorer.lost is not None:
                break
            tasks.create_task(one(place, line))
            place += 1
    if scorer.lost is not None:
        raise scorer.lost


class _InOrder:
    """Holds reports back until those before them are there."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._held: dict[int, tuple[Line, Report]] = {}
        self._next = 0

    def add(self, place: int, line: Line, report: Report) -> None:
        self._held[place] = (line, report)
        while self._next in self._held:
            self._examined(*self._held.pop(self._next))
            self._next += 1


@dataclass(slots=True)
class Census:
    """Counts reports as they come. Of very many, `reports` keeps those to be looked at."""

    admitted: int = 0
    rejected: int = 0
    bad: int = 0
    faults: int = 0
    bytes: int = 0
    begun: float = field(default_factory=time.monotonic)
    _kept: list[Report] = field(default_factory=list)

    def add(self, line: Line, report: Report) -> None:
        """Counts one report."""
        self.bytes += len(line.text)
        self.admitted += report.admitted is True
        self.faults += report.admitted is None
        self.bad += report.bad
        self.rejected += report.admitted is False and not report.bad
        if len(self._kept) < ROWS or not report.admitted:
            self._kept.append(report)

    @property
    def total(self) -> int:
        """Reports so far."""
        return self.admitted + self.rejected + self.bad + self.faults

    @property
    def reports(self) -> list[Report]:
        """The reports to show, in the order of the file."""
        if self.total <= ROWS:
            return self._kept
        return [report for report in self._kept if not report.admitted][:ROWS]

    @property
    def hidden(self) -> int:
        """How many reports are not shown."""
        return self.total - len(self.reports)

    @property
    def exit(self) -> Exit:
        """The exit code: a fault outranks a line that is no problem, and that a problem that is rejected."""
        if self.faults:
            return Exit.FAULT
        if self.bad:
            return Exit.BAD
        return Exit.NOT_ACCEPTED if self.rejected else Exit.ACCEPTED

    def pace(self) -> str:
        """The live line."""
        return f"{self.total:,} problems  {self.admitted:,} admitted  {self.faults:,} faults"

    def summary(self) -> str:
        """The last line."""
        parts = [f"{self.admitted:,} of {self.total:,} admitted"]
        counts = (
            (self.rejected, "rejected"),
            (self.bad, "no problem" if self.bad == 1 else "no problems"),
            (self.faults, "undecided by a fault of ours"),
        )
        parts += [f"{count:,} {name}" for count, name in counts if count]
        return "; ".join([*parts, f"{time.monotonic() - self.begun:.1f} s"])


@contextmanager
def written_to(out: Path | None, source: str) -> Iterator[BinaryIO | None]:
    """The file for the lines that are admitted, if one is wanted. Raises UsageError."""
    if out is None:
        yield None
        return
    if source != "-" and out.exists() and out.samefile(source):
        raise UsageError(f"{out} is what is read", fix="give --out another file")
    try:
        file = out.open("wb")
    except OSError as error:
        raise UsageError(f"cannot write {out}", why=error.strerror or "") from error
    with file:
        yield file
