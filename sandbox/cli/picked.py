"""What selection came to, over all problems: reports as plain data, counts, the exit code, n@k."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.cli.candidates import Line
from sandbox.cli.exits import Exit
from sandbox.cli.selecting import Options, Report
from sandbox.cli.tally import ROWS
from sandbox.rollouts import bootstrap
from sandbox.selection import n_at_k, solved


def report_data(report: Report, options: Options) -> dict[str, Any]:
    """One report. Numbers of programs and of generated tests are places in the problem's lists."""
    found = report.selection
    groups = []
    for group in found.groups if found else ():
        said: dict[str, Any] = {"programs": list(group.programs), "score": group.score}
        if options.by_tests:
            said["tests"] = [report.tests[test] for test in group.tests]
        groups.append(said)
    data: dict[str, Any] = {
        "id": report.id,
        "method": options.method,
        "samples": report.samples,
        "survivors": found.survivors if found else 0,
        "picks": list(found.picks) if found else [],
        "groups": groups,
        "left_out": list(found.left_out) if found else [],
        "faults": found.faults if found else 0,
        "notes": report.notes,
        "error": report.error,
    }
    if report.hidden:
        data |= {"passed": report.passed, "solved": solved(report.passed, options.k)}
    return data


@dataclass(slots=True)
class Picked:
    """Counts reports as they come. Of very many, `reports` keeps the first."""

    options: Options
    total: int = 0
    picked: int = 0
    bad: int = 0
    undecided: int = 0
    faults: int = 0
    bytes: int = 0
    begun: float = field(default_factory=time.monotonic)
    reports: list[Report] = field(default_factory=list)
    # Of problems with hidden tests: how many samples there were, and what each submission came to.
    samples: list[int] = field(default_factory=list)
    submissions: list[list[bool | None]] = field(default_factory=list)

    def add(self, line: Line, report: Report) -> None:
        """Counts one report."""
        self.total += 1
        self.bytes += line.size
        if len(self.reports) < ROWS:
            self.reports.append(report)
        found = report.selection
        if found is None or report.error:
            self.bad += 1
            return
        self.picked += bool(found.picks)
        self.faults += found.faults
        hidden_by_fault = bool(found.left_out) and not found.groups
        if report.hidden:
            self.samples.append(report.samples)
            self.submissions.append(report.passed)
            hidden_by_fault |= solved(report.passed, self.options.k) is None
        self.undecided += hidden_by_fault

    @property
    def hidden(self) -> int:
        """How many reports are not shown."""
        return self.total - len(self.reports)

    @property
    def exit(self) -> Exit:
        """The exit code: a problem that a fault leaves undecided outranks a bad line, and that one without a pick."""
        if self.undecided:
            return Exit.FAULT
        if self.bad:
            return Exit.BAD
        unsolved = any(solved(each, self.options.k) is False for each in self.submissions)
        return Exit.NOT_ACCEPTED if unsolved or self.picked < self.total else Exit.ACCEPTED

    def pace(self) -> str:
        """The live line."""
        return f"{self.total:,} problems  {self.picked:,} with a pick  {self.faults:,} faults"

    def summary(self) -> str:
        """The last line."""
        parts = [f"{self.picked:,} of {self.total:,} problems with a pick", *self._shares()]
        counts = (
            (self.bad, "that cannot be run"),
            (self.undecided, "undecided by a fault of ours"),
            (self.faults, "cells left out as faults of ours"),
        )
        parts += [f"{count:,} {name}" for count, name in counts if count]
        return "; ".join([*parts, f"{time.monotonic() - self.begun:.1f} s"])

    def _shares(self) -> list[str]:
        """n@k for one submission and for all of them."""
        decided = [each for each in self.submissions if solved(each, self.options.k) is not None]
        if not decided:
            return []
        few, most = min(self.samples), max(self.samples)
        of = str(most) if few == most else f"{few}-{most}"
        shares = []
        for n in sorted({1, self.options.k}):
            values = [float(found) for each in decided if (found := solved(each, n)) is not None]
            if values:
                low, high = bootstrap(values, seed=0)
                shares.append(f"{n}@{of} = {n_at_k(decided, n):.3f} ({low:.3f} to {high:.3f})")
        return shares
