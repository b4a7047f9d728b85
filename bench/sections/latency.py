"""From dispatch to answer, for programs of one test: one at a time, and twice as many in flight as there are cells."""

from __future__ import annotations

from collections.abc import Generator

from bench.bars import Bar
from bench.costs import Meter
from bench.format import figure
from bench.model import Progress, Section, Settings, take_turns
from bench.serving import server
from bench.stats import median, percentile, ratios
from bench.streaming import Streamed, stub, warm_up

_BAR = 10.0


def latency(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """Percentiles are taken in each round; what is shown is their median."""
    with server(settings.cells) as served, stub(served) as connection:
        meter = Meter.of(served.pid)
        flying = {"idle: one at a time": 1, f"{2 * settings.cells} programs in flight": 2 * settings.cells}
        variants = [
            warm_up(Streamed(name, "python", 1, "default", count, connection, meter)) for name, count in flying.items()
        ]
        series = take_turns(variants, settings, progress)
    section = Section("from dispatch to answer, programs of 1 test", ("", "p50 ms", "p99 ms", "longest ms", "answers"))
    shares = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    tails = []
    for each in series:
        by_round = {
            name: [percentile(found.samples["latency"], share) for found in each.rounds]
            for name, share in shares.items()
        }
        tails.append(by_round["p99"])
        row = [figure(median(values)) for values in by_round.values()]
        section.rows.append((each.name, *row, str(sum(found.tests for found in each.rounds))))
        section.data[each.name] = {**each.data(), **by_round}
    idle, loaded = tails
    section.bars.append(Bar.at_most("p99 with 2 × cells in flight / idle", median(ratios(loaded, idle)), _BAR))
    yield section
