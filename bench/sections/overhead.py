"""What the server itself takes for a test, beside the same cells without a server, and where a test's time goes."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from bench.bare import bare_cells
from bench.bars import Bar
from bench.costs import Meter
from bench.format import figure
from bench.model import Progress, Section, Series, Settings, take_turns
from bench.sections.python import FLYING
from bench.serving import server
from bench.stats import mean
from bench.streaming import Streamed, stub, warm_up
from bench.tracing import traces

_SERVER_MS = 0.3
_TESTS = (20, 1)


def overhead(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """The table of costs, the table of time, and with --profile the system calls."""
    with (
        server(settings.cells) as served,
        stub(served) as connection,
        bare_cells({f"bare cells, {_programs(tests)}": tests for tests in _TESTS}, settings.cells) as bare,
    ):
        meter, flying = Meter.of(served.pid), FLYING * settings.cells
        through = [
            warm_up(Streamed(f"server, {_programs(tests)}", "python", tests, "default", flying, connection, meter))
            for tests in _TESTS
        ]
        series = take_turns([*through, *bare], settings, progress)
        ours, alone = series[: len(_TESTS)], series[len(_TESTS) :]
        yield _costs(ours, alone)
        yield _time(ours, settings)
        if settings.profile:
            yield from traces(served, through, settings, progress)


def _programs(tests: int) -> str:
    return f"{tests} test{'s' if tests > 1 else ''} a program"


def _costs(through: Sequence[Series], alone: Sequence[Series]) -> Section:
    section = Section(
        "what a test costs beyond the cell",
        ("", "tests/s through gRPC", "bare cells", "server CPU ms", "bare driver CPU ms", "gRPC and judging ms"),
    )
    for tests, ours, bare in zip(_TESTS, through, alone, strict=True):
        server_ms, driver_ms = ours.cpu_ms("server"), bare.cpu_ms("server")
        row = (ours.rate, bare.rate, server_ms, driver_ms, server_ms - driver_ms)
        section.rows.append((_programs(tests), *map(figure, row)))
        section.data.update({ours.name: ours.data(), bare.name: bare.data()})
        # What the bare driver spends, every caller of a cell would: the bar is for what comes on top.
        what = f"server CPU for a test beyond the bare cell's, {_programs(tests)}"
        section.bars.append(Bar.at_most(what, server_ms - driver_ms, _SERVER_MS, " ms"))
    section.remarks.append(
        "server CPU: user and system time of the server's process; the bare driver makes the same files, sends the "
        "same messages and reads the same results, without gRPC, checks, judging, rewards and answers"
    )
    return section


def _time(series: Sequence[Series], settings: Settings) -> Section:
    section = Section(
        "where a test's time goes (ms of a core for each test)",
        ("", "in all", "cells", "of it candidate", "server", "client", "rest", "candidate's wall"),
    )
    for each in series:
        total = settings.workers * 1000 / each.rate
        cells, ours, client = each.cpu_ms("cells"), each.cpu_ms("server"), each.cpu_ms("client")
        candidate = each.over_rounds("candidate cpu", mean)
        row = (total, cells, candidate, ours, client, total - cells - ours - client)
        wall = each.over_rounds("candidate wall", mean)
        section.rows.append((each.name, *map(figure, (*row, wall))))
        section.data[each.name] = dict(zip(section.headers[1:], (*row, wall), strict=True))
    section.remarks += [
        "in all: cores / tests per second; cells: their cgroup's CPU, init and kernel work on its behalf included",
        "candidate: CPU that the verdicts report; client: this benchmark's own; rest: idle cores and everybody else",
    ]
    return section
