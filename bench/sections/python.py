"""Python: (a) bare processes, (b) nsjail for each test, (c) this server, (d) this server, all renewed for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.alone import Way, alone
from bench.bars import Bar
from bench.costs import Meter
from bench.format import figure, spread
from bench.jailed import jail_command
from bench.model import Progress, Section, Series, Settings, Variant, take_turns
from bench.serving import server
from bench.streaming import Streamed, stub, warm_up
from sandbox.runtimes import find_python

# Programs sent and not yet answered, for each cell: enough that none ever waits for work.
FLYING = 4
_BARS = {20: {"c": 5.0, "d": 3.0}, 1: {"c": 2.5}}


def python(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """Programs of 20 tests, then programs of 1."""
    interpreter = find_python("@server").binary
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-jail-")))
        served = stack.enter_context(server(settings.cells))
        connection = stack.enter_context(stub(served))
        meter = Meter.of(served.pid)
        for tests, bars in _BARS.items():
            ways = [
                Way("a  bare process for each test", "python", tests, (interpreter,)),
                Way("b  nsjail for each test", "python", tests, (*jail_command(folder), interpreter)),
            ]
            with alone(ways, settings.workers, folder) as others:
                flying = FLYING * settings.cells
                ours = [
                    warm_up(Streamed(name, "python", tests, policy, flying, connection, meter))
                    for name, policy in (("c  this server", "default"), ("d  this server, strict", "strict"))
                ]
                variants: list[Variant] = [*others, *ours]
                yield _section(tests, bars, take_turns(variants, settings, progress), settings)


def _section(tests: int, bars: dict[str, float], series: Sequence[Series], settings: Settings) -> Section:
    plural = "s" if tests > 1 else ""
    section = Section(
        f"Python, programs of {tests} test{plural}", ("", "tests/s", "min … max", "× (a)", "ms of a core for each test")
    )
    base = series[0]
    for each in series:
        core_ms = settings.workers * 1000 / each.rate
        section.rows.append(
            (each.name, figure(each.rate), spread(each.rates), figure(each.times(base)), figure(core_ms))
        )
        section.data[each.name] = each.data()
        if each.name[0] in bars:
            what = f"Python, {tests} test{plural}: ({each.name[0]}) / (a)"
            section.bars.append(Bar.at_least(what, each.times(base), bars[each.name[0]]))
    return section
