"""`python -m bench`: everything side by side in one run, on the same programs."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import closing

import grpc

from bench import arguments, report
from bench.machine import Machine
from bench.model import BenchError, Progress, Section, Settings
from bench.sections.cpp import cpp
from bench.sections.latency import latency
from bench.sections.levels import levels
from bench.sections.memory import memory
from bench.sections.overhead import overhead
from bench.sections.python import python
from bench.sections.training import training
from sandbox.errors import SandboxError
from sandbox.settings import Settings as ServerSettings

_SECTIONS: Mapping[str, Callable[[Settings, Progress], Generator[Section, None, None]]] = {
    "python": python,
    "cpp": cpp,
    "overhead": overhead,
    "latency": latency,
    "levels": levels,
    "memory": memory,
    "training": training,
}


def main() -> int:
    """0 when everything was measured, whatever came out; 1 when something did not do what it has to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = _arguments()
    cells = ServerSettings().cells
    settings = Settings(given.rounds, given.seconds, os.cpu_count() or 1, cells, given.profile)
    machine = Machine.look()
    how = f"medians of {settings.rounds} rounds of {settings.seconds:g} s for each variant, taken in turns"
    report.show_machine(machine, how)
    sections = []
    try:
        for name in given.only:
            with closing(_SECTIONS[name](settings, report.progress)) as found:
                for section in found:
                    sections.append(section)
                    report.show(section)
    except (BenchError, SandboxError, grpc.RpcError, subprocess.SubprocessError) as error:
        report.show_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    report.show_bars([bar for section in sections for bar in section.bars])
    if given.json is not None:
        taken = {"rounds": settings.rounds, "seconds": settings.seconds, "workers": settings.workers}
        report.write_json(given.json, machine, taken, sections)
    return 0


def _arguments() -> argparse.Namespace:
    parser = arguments.parser("python -m bench", __doc__, _SECTIONS)
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="length of a round (default: 3)")
    parser.add_argument("--profile", action="store_true", help="count system calls with strace, in section overhead")
    given = parser.parse_args()
    if given.seconds <= 0:
        parser.error("a round of more than 0 seconds is needed")
    return given


if __name__ == "__main__":
    sys.exit(main())
