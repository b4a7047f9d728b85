"""C++, each source new: compiling for every test, as one does without a cache, and this server; then builds alone."""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.alone import Way, alone
from bench.bars import Bar
from bench.costs import Meter
from bench.format import figure, spread
from bench.model import Progress, Round, Section, Series, Settings, take_turns
from bench.programs import programs
from bench.sections.python import FLYING
from bench.serving import server
from bench.stats import median, ratios
from bench.streaming import Streamed, stub, warm_up

_COMPILER = ("g++", "-O2")
_TESTS = 20
_BAR, _BUILD_BAR = 30.0, 3.0


def cpp(settings: Settings, progress: Progress) -> Generator[Section, None, None]:
    """Whole programs at full load, then one build at a time."""
    with (
        server(settings.cells) as served,
        stub(served) as connection,
        tempfile.TemporaryDirectory(prefix="bench-build-") as folder,
    ):
        meter = Meter.of(served.pid)
        ours = Streamed("this server", "cpp", _TESTS, "default", FLYING * settings.cells, connection, meter)
        way = Way("g++ -O2 for each test", "cpp", _TESTS, compiler=_COMPILER)
        with alone([way], settings.workers, Path(folder)) as others:
            yield _whole(take_turns([*others, warm_up(ours)], settings, progress))
        build = Streamed("this server's build", "cpp", 1, "default", 1, connection, meter)
        yield _builds(take_turns([_Builds("g++ -O2", Path(folder)), warm_up(build)], settings, progress))


@dataclass(frozen=True, slots=True)
class _Builds:
    """A variant: programs compiled one after the other."""

    name: str
    folder: Path

    def measure(self, seconds: float) -> Round:
        walls, cpus = [], []
        source, binary = self.folder / "main.cpp", self.folder / "main"
        deadline = time.perf_counter() + seconds
        for program in programs("cpp", 1):
            source.write_text(program.source)
            spent, began = _children_s(), time.perf_counter()
            subprocess.run([*_COMPILER, "-o", binary, source], check=True, capture_output=True)
            ended = time.perf_counter()
            walls.append((ended - began) * 1000)
            cpus.append((_children_s() - spent) * 1000)
            if ended >= deadline:
                break
        return Round(len(walls), sum(walls) / 1000, samples={"build wall": walls, "build cpu": cpus})


def _whole(series: Sequence[Series]) -> Section:
    base = series[0]
    section = Section(
        f"C++, programs of {_TESTS} tests, each source new", ("", "tests/s", "min … max", f"× {base.name}")
    )
    for each in series:
        section.rows.append((each.name, figure(each.rate), spread(each.rates), figure(each.times(base))))
        section.data[each.name] = each.data()
    section.bars.append(Bar.at_least(f"C++, {_TESTS} tests: this server / {base.name}", series[1].times(base), _BAR))
    return section


def _builds(series: Sequence[Series]) -> Section:
    section = Section("C++, one build at a time (bits/stdc++.h)", ("", "wall ms", "min … max", "CPU ms", "× faster"))
    walls = [[median(each.samples["build wall"]) for each in of.rounds] for of in series]
    for each, wall in zip(series, walls, strict=True):
        faster = median(ratios(walls[0], wall))
        cpu = figure(each.over_rounds("build cpu", median))
        section.rows.append((each.name, figure(median(wall)), spread(wall), cpu, figure(faster)))
        section.data[each.name] = {"wall_ms": wall}
    section.bars.append(Bar.at_least("C++, build alone: wall of g++ / ours", median(ratios(*walls)), _BUILD_BAR))
    return section


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
