"""What a round measures, what a variant is, and how variants take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.bars import Bar
from bench.stats import median, ratios


class BenchError(Exception):
    """Something that was run did not do what it has to do; its speed would mean nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for on the command line, and how many programs run at one time.

    `workers` processes, one for each core, where no server is; a server has as many cells as it takes by default.
    """

    rounds: int
    seconds: float
    workers: int
    cells: int
    profile: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one variant: work is taken until the time is up, then what is under way is finished.

    `seconds` ends with the last answer. `cpu` holds seconds of CPU time by who took them, `samples` whatever was
    measured many times (in ms).
    """

    tests: int
    seconds: float
    cpu: Mapping[str, float] = field(default_factory=dict)
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(slots=True)
class Series:
    """All rounds of one variant."""

    name: str
    rounds: list[Round] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Tests per second, round by round."""
        return [each.tests / each.seconds for each in self.rounds]

    @property
    def rate(self) -> float:
        """Tests per second, the median."""
        return median(self.rates)

    def cpu_ms(self, part: str) -> float:
        """CPU time for each test, the median."""
        return median([each.cpu[part] / each.tests * 1000 for each in self.rounds if part in each.cpu])

    def over_rounds(self, part: str, number: Callable[[Sequence[float]], float]) -> float:
        """A number of each round's samples, the median."""
        return median([number(each.samples[part]) for each in self.rounds if each.samples.get(part)])

    def times(self, base: Series) -> float:
        """How many times as fast as `base`: the median of the rounds' ratios."""
        return median(ratios(self.rates, base.rates))

    def data(self) -> dict[str, object]:
        """What JSON keeps: every round's rate, and CPU for each test by who took it."""
        parts = sorted({part for each in self.rounds for part in each.cpu})
        cpu = {part: [each.cpu[part] / each.tests * 1000 for each in self.rounds if part in each.cpu] for part in parts}
        return {"tests_per_second": self.rates, "cpu_ms_per_test": cpu}


class Variant(Protocol):
    """One way to run programs, ready and warm."""

    @property
    def name(self) -> str: ...
    def measure(self, seconds: float) -> Round: ...


@dataclass(slots=True)
class Section:
    """What one part of the benchmark found: a table, remarks, bars, and the numbers behind them."""

    title: str
    headers: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    data: dict[str, object] = field(default_factory=dict)


Progress = Callable[[str], None]


def take_turns(variants: Sequence[Variant], settings: Settings, progress: Progress) -> list[Series]:
    """Every variant once in each round, so that what changes on the machine meanwhile meets all of them."""
    series = [Series(variant.name) for variant in variants]
    for number in range(1, settings.rounds + 1):
        for variant, found in zip(variants, series, strict=True):
            progress(f"round {number} of {settings.rounds}: {variant.name}")
            found.rounds.append(variant.measure(settings.seconds))
    return series
