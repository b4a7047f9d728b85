"""Cells without a server, from the benchmark's side."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.model import BenchError, Round

_WARM_UP_S = 0.3
_END_S = 30


@dataclass(frozen=True, slots=True)
class Bare:
    """A variant: programs of `tests` tests in cells that one small loop drives."""

    name: str
    tests: int
    process: subprocess.Popen[str]

    def measure(self, seconds: float) -> Round:
        """One round. Raises BenchError when the process has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.tests} {seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise BenchError("the process that drives bare cells ended; it says why above")
        found = json.loads(line)
        return Round(int(found["tests"]), found["seconds"], {"server": found["driver"]})


@contextmanager
def bare_cells(names: dict[str, int], cells: int) -> Iterator[list[Bare]]:
    """Variants by name and tests of a program; they share their cells."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare_cells", str(cells)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        variants = [Bare(name, tests, process) for name, tests in names.items()]
        for variant in variants:
            variant.measure(_WARM_UP_S)
        yield variants
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_END_S)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
