"""Programs without this server: a process for each test, bare or in a jail of its own, as many at a time as cores.

Each worker is a process, so that no worker waits for another's interpreter lock.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.model import BenchError, Round
from bench.problems import SUFFIX, Case
from bench.programs import Program, programs

_WARM_UP_S = 0.3
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Way:
    """How one test is run: compiled first where `compiler` is given, then `command` with the file's path behind it."""

    name: str
    language: str
    tests: int
    command: tuple[str, ...] = ()
    compiler: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alone:
    """A variant: the workers, and what they do."""

    way: Way
    folder: Path
    workers: int
    pool: ProcessPoolExecutor

    @property
    def name(self) -> str:
        """For tables."""
        return self.way.name

    def measure(self, seconds: float) -> Round:
        """All workers at once. Raises BenchError when a program does not pass its test."""
        futures = [self.pool.submit(_work, self.way, self.folder, seconds) for _ in range(self.workers)]
        done = [future.result() for future in futures]
        began = min(each.began for each in done)
        ended = max(each.ended for each in done)
        cpu = {"programs": sum(each.children_s for each in done), "drivers": sum(each.own_s for each in done)}
        return Round(sum(each.tests for each in done), ended - began, cpu)


@contextmanager
def alone(ways: Sequence[Way], workers: int, folder: Path) -> Iterator[list[Alone]]:
    """Variants that share their workers, which write programs to `folder`."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_ignore_interrupts) as pool:
        variants = [Alone(way, folder, workers, pool) for way in ways]
        for variant in variants:
            variant.measure(_WARM_UP_S)
        yield variants


@dataclass(frozen=True, slots=True)
class _Done:
    tests: int
    began: float
    ended: float
    children_s: float
    own_s: float


def _ignore_interrupts() -> None:
    """Ctrl-C is for the benchmark, which ends its workers after the round."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(way: Way, folder: Path, seconds: float) -> _Done:
    """In a worker: test after test until the time is up. The clock is the machine's, so workers can be compared."""
    path = folder / f"program-{os.getpid()}{SUFFIX[way.language]}"
    children, own = _children_s(), time.process_time()
    began, tests = time.monotonic(), 0
    for program, case in _tests(way, path):
        if time.monotonic() >= began + seconds:
            break
        _run(way, path, program, case)
        tests += 1
    ended = time.monotonic()
    return _Done(tests, began, ended, _children_s() - children, time.process_time() - own)


def _tests(way: Way, path: Path) -> Iterator[tuple[Program, Case]]:
    for program in programs(way.language, way.tests):
        path.write_text(program.source)
        for case in program.tests:
            yield program, case


def _run(way: Way, path: Path, program: Program, case: Case) -> None:
    command = [*way.command, str(path)]
    if way.compiler:
        binary = path.with_suffix("")
        subprocess.run([*way.compiler, "-o", binary, path], capture_output=True, check=True, timeout=_TIMEOUT_S)
        command = [str(binary)]
    ended = subprocess.run(command, input=case.stdin, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    if ended.returncode != 0 or ended.stdout.split() != case.stdout.split():
        name = program.source.partition("\n")[0]
        raise BenchError(f"{way.name}: {name} did not pass: exit code {ended.returncode}, {ended.stderr[-500:]!r}")


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
